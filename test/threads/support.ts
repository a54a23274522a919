/** What the tests of threads share: executors of the fixture module, cells of shared memory, and the threads that really live. */
import type { Worker } from 'node:worker_threads'
import { type Cause, type Exit, type Fiber, makeRuntime, runTask, runTaskExit, Task } from 'aio-ts'
import { Executor, type ExecutorError, type ExecutorOptions } from 'aio-ts/node'
import { afterEach, vi } from 'vitest'

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

const rightOf = <A>(result: { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: A }): A => {
  if (result._tag === 'Left') throw new Error(`failed: ${JSON.stringify(result)}`)
  return result.right
}

/** Closed after the test, so that no thread lives on. */
export const make = async (options: ExecutorOptions = {}, module = jobsFile): Promise<Executor<Jobs>> => {
  const executor = rightOf(await runTask(Executor.make<Jobs>(module, options)))
  made.push(executor)
  return executor
}

afterEach(async () => {
  const all = made
  made = []
  for (const executor of all) executor.close()
  await Promise.all(all.map((executor) => runTask(executor.waitClosed())))
  if (all.length > 0 && threads() > 0)
    throw new Error(`${threads()} threads live on after their executors have closed`)
})

export const run = <E, A>(task: Task.Task<E, A>): Promise<Exit.Exit<E, A>> => runTaskExit(task)

export const valueFrom = async <E, A>(task: Task.Task<E, A>): Promise<A> => rightOf(await runTask(task))

/** The one typed failure that it ends with. */
export const failureOf = async <E>(task: Task.Task<E, unknown>): Promise<E> => {
  const result = await runTask(task)
  if (result._tag === 'Right') throw new Error(`expected a failure, got ${JSON.stringify(result.right)}`)
  return result.left
}

/** The defect that it dies of. */
export const defectOf = async (task: Task.Task<unknown, unknown>): Promise<unknown> => {
  const exit = await run(task)
  const reason = exit._tag === 'Left' ? exit.left.reasons[0] : undefined
  if (reason?._tag !== 'Die') throw new Error(`expected a defect, got ${JSON.stringify(exit)}`)
  return reason.defect
}

/** The problem of the ExecutorError that it fails with. */
export const problemOf = async (task: Task.Task<unknown, unknown>): Promise<string> => {
  const error = (await failureOf(task)) as ExecutorError
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

/** How they end the tests look at themselves, some of them late. */
const runtime = makeRuntime({ reporter: () => {} })

export const start = <E, A>(task: Task.Task<E, A>): Fiber<E, A> => runtime.runFork(task)

/** Asks it to stop, and gives how it ended. */
export const interrupt = async <E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> =>
  valueFrom(fiber.interrupt())

export const endOf = async <E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> => valueFrom(fiber.wait())

export const tags = (cause: Cause.Cause<unknown>): ReadonlyArray<string> =>
  cause.reasons.map(({ _tag }) => _tag)

export const after = <E, A>(ms: number, task: Task.Task<E, A>): Task.Task<E, A> => Task.delay(ms)(task)
