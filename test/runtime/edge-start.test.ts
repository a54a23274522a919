/** Where the fiber of `runTask` has its first turn. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as macrotask } from 'node:timers/promises'
import {
  addHooks,
  dump,
  type Fiber,
  Group,
  makeRuntime,
  Queue,
  runFork,
  runSync,
  runTask,
  runTaskExit,
  Task
} from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { failure, Interrupt, success, summary } from '../support/exits.js'

/** Runs a task and tells whether it had started when the call returned. */
const hasStarted = (run: (task: Task.Task<never, void>) => unknown): boolean => {
  let started = false
  run(
    Task.sync(() => {
      started = true
    })
  )
  return started
}

/** Calls `ask` once within `run`, and returns what it returned, when all is done. */
const askedWithin = async (run: (ask: () => void) => unknown): Promise<boolean | undefined> => {
  let answer: boolean | undefined
  let isAsked = false
  await run(() => {
    if (isAsked) return
    isAsked = true
    answer = hasStarted(runTask)
  })
  await macrotask()
  return answer
}

describe('runTask starts within the call (41)', () => {
  it('as runTaskExit does, and runFork does not', () => {
    expect(hasStarted(runTask)).toBe(true)
    expect(hasStarted(runTaskExit)).toBe(true)
    expect(hasStarted(runFork)).toBe(false)
  })

  it('and runs until it waits for the first time', async () => {
    const log: Array<string> = []
    const promise = runTask(
      Task.gen(function* () {
        log.push('a')
        yield* Task.succeed(1)
        log.push('b')
        yield* Task.promise(() => Promise.resolve())
        log.push('c')
      })
    )
    expect(log).toEqual(['a', 'b'])
    await promise
    expect(log).toEqual(['a', 'b', 'c'])
  })

  it('before fibers that are ready already, which run after the call', async () => {
    const log: Array<string> = []
    const note = (text: string) => Task.sync(() => log.push(text))
    const first = runFork(note('forked'))
    const second = runTask(note('run'))
    expect(log).toEqual(['run'])
    await second
    await runTask(first.join())
    expect(log).toEqual(['run', 'forked'])
  })

  it('and leaves fibers that it has woken or started for later', async () => {
    const log: Array<unknown> = []
    const queue = new Queue<number>()
    const getter = runTask(
      pipe(
        queue.get(),
        Task.map((item) => log.push(item))
      )
    )
    const putter = runTask(
      pipe(
        queue.put(1),
        Task.map(() => log.push('put'))
      )
    )
    expect(log).toEqual(['put'])
    await Promise.all([getter, putter])
    expect(log).toEqual(['put', 1])
  })

  it('emits its hooks in order, the start first', async () => {
    const log: Array<string> = []
    const undo = addHooks({
      fiberStarted: () => log.push('started'),
      fiberResumed: () => log.push('resumed'),
      fiberSuspended: () => log.push('suspended'),
      fiberEnded: () => log.push('ended')
    })
    const promise = runTask(Task.sync(() => log.push('task')))
    expect(log).toEqual(['started', 'resumed', 'task', 'ended'])
    await promise
    undo()
  })

  it('in the async context of the call, in all turns', async () => {
    const storage = new AsyncLocalStorage<string>()
    const look = Task.sync(() => storage.getStore())
    const twice = Task.gen(function* () {
      const first = yield* look
      yield* Task.promise(() => Promise.resolve())
      return [first, yield* look]
    })
    const results = ['a', 'b'].map((name) => storage.run(name, () => runTask(twice)))
    expect(await Promise.all(results)).toEqual([
      { _tag: 'Right', right: ['a', 'a'] },
      { _tag: 'Right', right: ['b', 'b'] }
    ])
  })

  it('with any result: a value, a failure, a defect, an interruption', async () => {
    expect(await runTask(Task.succeed(1))).toEqual({ _tag: 'Right', right: 1 })
    expect(await runTask(Task.fail('e'))).toEqual({ _tag: 'Left', left: 'e' })
    await expect(runTask(Task.die(new Error('bug')))).rejects.toThrow('bug')
    await expect(runTask(Task.interrupt)).rejects.toThrow('interrupted')
    expect(summary(await runTaskExit(Task.interrupt))).toEqual(failure(Interrupt))
    expect(summary(await runTaskExit(Task.succeed(1)))).toEqual(success(1))
  })

  it('with a signal that is aborted already, and removes its listener', async () => {
    const controller = new AbortController()
    controller.abort()
    const exit = await runTaskExit(Task.never, { signal: controller.signal })
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(dump()).not.toMatch(/never/)
  })

  it('where the runtime has a clock of its own whose time throws: the caller does not see it', async () => {
    let fails = true
    const thrown: Array<unknown> = []
    const listener = (reason: unknown) => thrown.push(reason)
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', listener)
    const runtime = makeRuntime({
      clock: {
        now: () => {
          if (fails) throw new Error('no time')
          return 0
        },
        setTimer: () => () => undefined
      }
    })
    const queue = new Queue<number>()
    const promise = runtime.runTask(queue.get())
    fails = false
    queue.putNowait(1)
    expect(await promise).toEqual({ _tag: 'Right', right: 1 })
    await macrotask()
    process.removeAllListeners('unhandledRejection')
    for (const other of listeners) process.on('unhandledRejection', other)
    expect(thrown).toEqual([new Error('no time')])
  })
})

describe('runTask does not start within the call (41)', () => {
  it('where a fiber is on the stack', async () => {
    expect(await askedWithin((ask) => runTask(Task.sync(ask)))).toBe(false)
    expect(
      await askedWithin((ask) =>
        runTask(
          Task.gen(function* () {
            yield* Task.sleep(1)
            ask()
          })
        )
      )
    ).toBe(false)
    expect(await askedWithin((ask) => runSync(Task.sync(ask)))).toBe(false)
    expect(await askedWithin((ask) => runTest(Task.sync(ask)))).toBe(false)
  })

  it('where a hook is on the stack', async () => {
    for (const hook of ['fiberStarted', 'queuePut'] as const) {
      const asked = await askedWithin((ask) => {
        const undo = addHooks({ [hook]: ask })
        if (hook === 'queuePut') new Queue<number>().putNowait(1)
        else runFork(Task.unit)
        undo()
      })
      expect(asked).toBe(false)
    }
  })

  it('where a reporter is on the stack', async () => {
    const asked = await askedWithin(async (ask) => {
      makeRuntime({ reporter: ask }).runFork(Task.die('bug'))
      // It is reported on a macrotask, when nothing else runs.
      await macrotask()
      await macrotask()
    })
    expect(asked).toBe(false)
  })

  it('where `onFailure` of a group is on the stack', async () => {
    const asked = await askedWithin((ask) =>
      runTask(
        Task.gen(function* () {
          const group = yield* Group.make({ onFailure: ask })
          yield* group.spawn(Task.die('bug'))
          yield* group.asyncClose()
        })
      )
    )
    expect(asked).toBe(false)
  })

  it('where the runtime has a scheduler', () => {
    const turns: Array<() => void> = []
    const runtime = makeRuntime({ scheduler: { schedule: (_fiber, run) => turns.push(run) } })
    expect(hasStarted((task) => runtime.runTask(task))).toBe(false)
    expect(turns.length).toBe(1)
    turns[0]?.()
  })

  it('where the ready queue has used up its time slice, until the event loop has run', async () => {
    const runtime = makeRuntime({ yieldEvery: 2 })
    const busy = pipe(
      Task.sync(() => {
        const end = performance.now() + 5
        while (performance.now() < end);
      }),
      Task.flatMap(() => Task.sync(() => undefined))
    )
    await macrotask()
    const first = runtime.runTask(busy)
    expect(hasStarted(runTask)).toBe(false)
    await first
    await macrotask()
    expect(hasStarted(runTask)).toBe(true)
  })

  it('and resumes a fiber that has used up the time slice within the call after the event loop has run', async () => {
    const runtime = makeRuntime({ yieldEvery: 2 })
    await macrotask()
    let hadTurn = false
    setImmediate(() => {
      hadTurn = true
    })
    const program = pipe(
      Task.sync(() => {
        const end = performance.now() + 5
        while (performance.now() < end);
      }),
      Task.flatMap(() => Task.sync(() => hadTurn))
    )
    expect(await runtime.runTask(program)).toEqual({ _tag: 'Right', right: true })
  })

  it('and keeps the async context of a fiber that it has started meanwhile', async () => {
    const storage = new AsyncLocalStorage<string>()
    const look = Task.sync(() => storage.getStore())
    await macrotask()
    // A macrotask of the ready queue that was scheduled in another context.
    const other = storage.run('other', () => runTask(Task.yieldNow))
    const runtime = makeRuntime({ yieldEvery: 2 })
    let forked: Fiber<never, string | undefined> | undefined
    const program = pipe(
      Task.sync(() => {
        forked = storage.run('inner', () => runFork(look))
        const end = performance.now() + 5
        while (performance.now() < end);
      }),
      Task.flatMap(() => look)
    )
    expect(await storage.run('outer', () => runtime.runTask(program))).toEqual({
      _tag: 'Right',
      right: 'outer'
    })
    expect(await runTask((forked ?? runFork(Task.succeed('none'))).join())).toEqual({
      _tag: 'Right',
      right: 'inner'
    })
    await other
  })

  it('and starts within the call again after a hook, a reporter and runSync have returned', async () => {
    const undo = addHooks({
      fiberStarted: () => {
        throw new Error('bad hook')
      }
    })
    const runtime = makeRuntime({ reporter: () => undefined })
    runtime.runFork(Task.unit)
    undo()
    await macrotask()
    expect(hasStarted(runTask)).toBe(true)
    runSync(Task.unit)
    expect(hasStarted(runTask)).toBe(true)
  })
})

describe('a fiber that runTask has started within the call', () => {
  it('is interrupted by what follows the call, like any other', async () => {
    const controller = new AbortController()
    const log: Array<string> = []
    const promise = runTaskExit(pipe(Task.never, Task.ensuring(Task.sync(() => log.push('cleanup')))), {
      signal: controller.signal
    })
    controller.abort()
    expect(summary(await promise)).toEqual(failure(Interrupt))
    expect(log).toEqual(['cleanup'])
  })

  it('can be seen and interrupted by its own hook before it runs', async () => {
    const undo = addHooks({ fiberStarted: (fiber: Fiber<unknown, unknown>) => fiber.interruptNowait() })
    const promise = runTaskExit(Task.sleep(1))
    undo()
    expect(summary(await promise)).toEqual(failure(Interrupt))
  })

  it('may run a thousand others one after the other without keeping timers from firing', async () => {
    let fired = false
    setTimeout(() => {
      fired = true
    }, 1)
    let runs = 0
    for (; !fired && runs < 5_000_000; runs++) await runTask(Task.unit)
    expect(fired).toBe(true)
  })
})
