/** Whatever the timing, the host reports no unhandled rejection, and nothing stays behind on real runs. */
import { getEventListeners } from 'node:events'
import { setImmediate as macrotask } from 'node:timers/promises'
import {
  call,
  callOnCancel,
  callOnDone,
  Group,
  makeRuntime,
  Queue,
  runFork,
  runTask,
  runTaskExit,
  Task
} from 'aio-ts'
import { LocalExecutor } from 'aio-ts/executor'
import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Die, failure, rightOf, summary } from '../support/exits.js'

const seen: Array<unknown> = []
const note = (reason: unknown) => {
  seen.push(reason)
}
beforeEach(() => {
  seen.length = 0
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  for (let i = 0; i < 5; i++) await macrotask()
  process.off('unhandledRejection', note)
  expect(seen).toEqual([])
})

/** A promise that rejects when the test says so. */
const later = () => {
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  return { promise, reject }
}

describe('no unhandled rejection is reported because of timing (3)', () => {
  it('for a promise that rejects at once', async () => {
    await runTaskExit(Task.promise(() => Promise.reject('x')))
    await runTaskExit(Task.tryCatch(() => Promise.reject('x'), String))
  })

  it('for a promise that rejects after its fiber was interrupted', async () => {
    for (const make of [Task.promise<never>, <A>(f: () => PromiseLike<A>) => Task.tryCatch(f, String)]) {
      const { promise, reject } = later()
      const fiber = runFork(make(() => promise))
      await macrotask()
      fiber.interruptNowait()
      await macrotask()
      reject('late')
      await macrotask()
    }
  })

  it('for a promise that rejects because its signal aborted', async () => {
    const fiber = runFork(
      Task.promise(
        (signal) =>
          new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('aborted')))
          })
      )
    )
    await macrotask()
    await runTaskExit(fiber.interrupt())
  })

  it('for a promise that rejects in the time slice of the interruption', async () => {
    const { promise, reject } = later()
    const fiber = runFork(Task.promise(() => promise))
    await macrotask()
    reject('now')
    fiber.interruptNowait()
    await runTaskExit(fiber.wait())
  })

  it('for a promise whose fiber loses a race, times out or is stopped by a failure', async () => {
    const { promise, reject } = later()
    const slow = Task.promise(() => promise)
    await runTaskExit(pipe(slow, Task.race(Task.yieldNow)))
    await runTaskExit(pipe(slow, Task.timeout(1)))
    await runTaskExit(Task.all([slow, Task.fail('e')]))
    reject('too late')
  })

  it('for a fiber that dies and is joined much later', async () => {
    const fiber = runFork(Task.die('d'))
    for (let i = 0; i < 5; i++) await macrotask()
    expect(isLeft(await runTaskExit(fiber.join()))).toBe(true)
  })

  it('for a promise that is wrapped late and has rejected before', async () => {
    const rejected = Promise.reject('before')
    rejected.catch(() => {})
    const group = new Group({ onFailure: () => {} })
    await runTaskExit(
      pipe(
        group.wrap(rejected),
        Task.flatMap((fiber) => fiber.wait())
      )
    )
    await runTask(group.asyncClose())
  })

  it('for a promise function whose fiber was interrupted before its first time slice', async () => {
    const { promise, reject } = later()
    const fiber = runFork(Task.promise(() => promise))
    fiber.interruptNowait()
    await runTaskExit(fiber.wait())
    reject('late')
  })
})

describe('no resource outlives a run (14)', () => {
  it('an aborted run leaves no listener on the signal and no timer that keeps the process', async () => {
    const controller = new AbortController()
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const run = runTaskExit(pipe(Task.sleep(60_000), Task.timeout(50_000)), { signal: controller.signal })
    await macrotask()
    expect(timers()).toBeGreaterThan(before)
    controller.abort()
    await run
    expect(timers()).toBe(before)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })
})

/** Turns come after the event loop has had its own, in which the host looks for rejections that nobody handles. */
const slow = () =>
  makeRuntime({ yieldEvery: 1, scheduler: { schedule: (_fiber, run) => void setImmediate(run) } })

const closedGroup = async (): Promise<Group> => {
  const group = new Group()
  await runTask(group.asyncClose())
  return group
}

describe('a refused promise causes no unhandled rejection (3)', () => {
  it('if a closed or closing group refuses it: the caller gets GroupClosedError', async () => {
    const closing = new Group()
    closing.spawnNowait(Task.uninterruptible(Task.sleep(20)))
    closing.close()
    for (const group of [await closedGroup(), closing]) {
      const { promise, reject } = later()
      for (const running of [Promise.reject('at once'), promise]) {
        expect(await runTask(group.wrap(running))).toMatchObject(left({ _tag: 'GroupClosedError' }))
        expect(await slow().runTask(group.wrap(running))).toMatchObject(left({ _tag: 'GroupClosedError' }))
      }
      reject('later')
    }
    await runTask(closing.waitClosed())
  })

  it('if it rejects before it is wrapped, or its wrap never runs', async () => {
    const group = new Group()
    const wrapping = group.wrap(Promise.reject('early'))
    group.wrap(Promise.reject('never run'))
    for (let turns = 0; turns < 3; turns++) await macrotask()
    const exit = await runTaskExit(
      pipe(
        wrapping,
        Task.flatMap((fiber) => fiber.wait())
      )
    )
    expect(summary(rightOf(exit))).toEqual(failure(Die('early')))
    await runTask(group.asyncClose())
  })

  it('and a thenable is called once, and not at all by a closed group', async () => {
    let begun = 0
    const lazy: PromiseLike<number> = {
      then: (yes) => {
        begun++
        return Promise.resolve(5).then(yes)
      }
    }
    await runTask((await closedGroup()).wrap(lazy))
    await macrotask()
    expect(begun).toBe(0)
    const group = new Group()
    const joined = pipe(
      group.wrap(lazy),
      Task.flatMap((fiber) => fiber.join())
    )
    expect(await runTask(joined)).toEqual(right(5))
    expect(begun).toBe(1)
    await runTask(group.asyncClose())
  })

  it('if call or a similar function refuses it, whose fiber yields before it waits', async () => {
    const rejects = () => Promise.reject<number>('x')
    for (const task of [call(rejects), callOnDone(Task.unit, rejects)]) {
      expect(summary(await slow().runTaskExit(task))).toMatchObject(failure(Die('x')))
    }
    const fiber = slow().runFork(callOnCancel(rejects))
    for (let turns = 0; turns < 10; turns++) await macrotask()
    expect(summary(rightOf(await runTaskExit(fiber.interrupt())))).toEqual(failure(Die('x')))
  })

  it('if the local executor refuses it', async () => {
    const program = pipe(
      LocalExecutor.make({ job: () => Promise.reject<number>('x') }),
      Task.flatMap((executor) => executor.call('job'))
    )
    expect(summary(await slow().runTaskExit(program))).toMatchObject(failure(Die('x')))
  })

  const asTask = () => Promise.reject('refused') as unknown as Task.Task<never, number>
  const group = new Group()
  const places: ReadonlyArray<readonly [string, () => unknown]> = [
    ['runTask', () => runTask(asTask())],
    ['runTaskExit', () => runTaskExit(asTask())],
    ['runFork', () => runFork(asTask())],
    ['flatMap', () => runTask(pipe(Task.unit, Task.flatMap(asTask)))],
    ['map, in front', () => runTask(pipe(asTask(), Task.map(String)))],
    ['tap', () => runTask(pipe(Task.unit, Task.tap(asTask)))],
    ['orElse', () => runTask(pipe(Task.fail('e'), Task.orElse(asTask)))],
    ['suspend', () => runTask(Task.suspend(asTask))],
    ['all', () => runTask(Task.all([asTask(), Task.unit, asTask()]))],
    ['raceAll', () => runTask(Task.raceAll([asTask(), asTask()]))],
    ['ensuring', () => runTask(pipe(Task.unit, Task.ensuring(asTask())))],
    ['timeout', () => runTask(pipe(asTask(), Task.timeout(5)))],
    ['withGroup', () => runTask(Task.withGroup(asTask))],
    ['forEach', () => runTask(pipe([1, 2], Task.forEach(asTask)))],
    ['Queue.forEach', () => runTask(new Queue<number>().forEach(asTask() as never))],
    ['Group.spawn', () => runTask(group.spawn(asTask()))],
    ['Group.spawnNowait', () => group.spawnNowait(asTask())],
    [
      'gen, yielded',
      () =>
        runTask(
          Task.gen(function* () {
            yield asTask()
          })
        )
    ],
    ['gen, an async function', () => runTask(Task.gen(asTask as never))],
    ['async', () => runTask(Task.async(asTask as never))],
    ['resume of async', () => runTask(Task.async((resume) => resume(asTask())))],
    ['bracket', () => runTask(Task.bracket(Task.unit, asTask, asTask))]
  ]
  it.each(places)('as a Task: %s', async (_place, refuse) => {
    let refused: unknown
    try {
      const done: unknown = await refuse()
      const exit = done as {
        readonly left?: { readonly reasons: ReadonlyArray<{ readonly defect?: unknown }> }
      }
      refused = exit?.left?.reasons[0]?.defect
    } catch (thrown) {
      refused = thrown
    }
    expect(String(refused)).toMatch(/expected .*, got .*(promise|function)/)
  })
})
