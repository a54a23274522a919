/** Shared by the tests of threads: executors of the fixture module, cells of shared memory, and the number of running threads. */
import type { Worker } from 'node:worker_threads'
import {
  type Cause,
  type Clock,
  type Exit,
  type Fiber,
  makeRuntime,
  type Runtime,
  type RuntimeOptions,
  runTask,
  type Task
} from 'aio-ts'
import { Executor, type ExecutorError, type ExecutorOptions } from 'aio-ts/node'
import { afterEach, vi } from 'vitest'
import { rightOf } from '../support/exits.js'
import { failureFrom } from '../support/real-runs.js'

export type Jobs = typeof import('./fixtures/jobs.mjs')

export const jobsFile = new URL('./fixtures/jobs.mjs', import.meta.url)

// A thread takes a second to start where the machine has others to serve.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let made: Array<Executor<any>> = []
const living = new Set<Worker>()
process.on('worker', (worker) => {
  living.add(worker)
  worker.once('exit', () => living.delete(worker))
})

/** How many threads there are that have not exited. */
export const threads = (): number => living.size

/** Closed after the test, so that no thread lives on. Its limits are of the time of `on`, which is told what nobody else can see. */
export const make = async (
  options: ExecutorOptions = {},
  module = jobsFile,
  on: Pick<Runtime, 'runTask'> = { runTask }
): Promise<Executor<Jobs>> => {
  const executor = rightOf(await on.runTask(Executor.make<Jobs>(module, options)))
  made.push(executor)
  return executor
}

/** How many threads are started while `use` runs. */
export const startedDuring = async (use: () => Promise<unknown>): Promise<number> => {
  let started = 0
  const count = () => void started++
  process.on('worker', count)
  try {
    await use()
  } finally {
    process.off('worker', count)
  }
  return started
}

afterEach(async () => {
  const all = made
  made = []
  for (const executor of all) executor.close()
  await Promise.all(all.map((executor) => runTask(executor.waitClosed())))
  if (all.length > 0 && threads() > 0)
    throw new Error(`${threads()} threads live on after their executors have closed`)
})

/** The problem of the ExecutorError that it fails with. */
export const problemOf = async (task: Task.Task<unknown, unknown>): Promise<string> => {
  const error = (await failureFrom(task)) as ExecutorError
  if (error?._tag !== 'ExecutorError') throw error
  return error.problem
}

export const newCells = (count = 8): Int32Array => new Int32Array(new SharedArrayBuffer(4 * count))

/** Until a cell holds at least that much. A test whose cell never does ends by its own limit. */
export const reaches = async (cells: Int32Array, at: number, least: number): Promise<void> => {
  while (Atomics.load(cells, at) < least) await new Promise((resolve) => setImmediate(resolve))
}

/** Opens the gate for the jobs that wait at it. */
export const open = (cells: Int32Array): void => {
  Atomics.store(cells, 2, 1)
  Atomics.notify(cells, 2)
}

export const tags = (cause: Cause.Cause<unknown>): ReadonlyArray<string> =>
  cause.reasons.map(({ _tag }) => _tag)

/** A runtime whose fibers have their turns when it is said. */
export const held = (options: RuntimeOptions = {}) => {
  const turns: Array<() => void> = []
  const timers: Array<() => void> = []
  const clock: Clock = {
    now: () => 0,
    setTimer: (_ms, fire) => {
      timers.push(fire)
      return () => {}
    }
  }
  const runtime = makeRuntime({
    clock,
    scheduler: { schedule: (_fiber, run) => void turns.push(run) },
    reporter: () => {},
    ...options
  })
  const go = (): void => {
    for (let run = turns.shift(); run !== undefined; run = turns.shift()) run()
  }
  return {
    start: <E, A>(task: Task.Task<E, A>): Fiber<E, A> => {
      const fiber = runtime.runFork(task)
      go()
      return fiber
    },
    /** Of what is started from now on, so many turns. */
    some: <E, A>(task: Task.Task<E, A>, count: number): Fiber<E, A> => {
      const fiber = runtime.runFork(task)
      for (let turn = 0; turn < count; turn++) turns.shift()?.()
      return fiber
    },
    /** All turns that are due. */
    go,
    /** All time that anybody waits for is over. */
    fire: (): void => timers.splice(0).forEach((fire) => void fire()),
    /** Its turns, until it has ended. */
    endOf: async <E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> => {
      for (;;) {
        const end = fiber.poll()
        if (end._tag === 'Some') return end.value
        go()
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }
}

/** A runtime whose time stands still: its timers fire when the test says so. Those that were cancelled are gone. */
export const clocked = (reporter: RuntimeOptions['reporter'] = () => {}) => {
  const timers: Array<{ readonly ms: number; readonly fire: () => void }> = []
  const clock: Clock = {
    now: () => 0,
    setTimer: (ms, fire) => {
      const remove = (): void => {
        const at = timers.indexOf(timer)
        if (at >= 0) timers.splice(at, 1)
      }
      const timer = {
        ms,
        fire: () => {
          remove()
          fire()
        }
      }
      timers.push(timer)
      return remove
    }
  }
  return { runtime: makeRuntime({ clock, ...(reporter === undefined ? {} : { reporter }) }), timers }
}

/** Until it holds. A test in which it never does ends by its own limit. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}
