/** Where the chain of waits of the main fiber ends: whether the program waits for an interruption only. */
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, test } from 'vitest'
import {
  callOnCancel,
  callOnDone,
  Deferred,
  type Fiber,
  Group,
  Latch,
  Queue,
  runFork,
  runTask,
  Semaphore,
  Task
} from '../../../src/index.js'
import type { FiberState } from '../../../src/runtime/fiber-state.js'
import { awaitsInterruption } from '../../../src/runtime/observe/idle.js'

type AnyTask = Task.Task<unknown, unknown>

const running: Array<Fiber<unknown, unknown>> = []
afterEach(async () => {
  for (const fiber of running) fiber.interruptNowait()
  for (const fiber of running.splice(0)) await runTask(fiber.wait())
})

/** What `runMain` would do with a program, once its event loop is empty. */
const stays = async (program: AnyTask): Promise<boolean> => {
  const fiber = runFork(program)
  running.push(fiber)
  await runTask(Task.yieldNow)
  await runTask(Task.yieldNow)
  // Holds because a fiber is its record.
  return awaitsInterruption(fiber as unknown as FiberState)
}

const cancelled = callOnCancel(() => undefined)
const nothing = (): AnyTask => new Deferred().wait()
/** A group of fibers that run these; closed when the program ends, if it is the program that waits for it. */
const groupOf = (tasks: ReadonlyArray<AnyTask>, wait: (group: Group<unknown>) => AnyTask): AnyTask =>
  Task.suspend(() => {
    const group = new Group<unknown>({ onFailure: () => undefined })
    for (const task of tasks) group.spawnNowait(task)
    return pipe(wait(group), Task.ensuring(group.asyncClose()))
  })
/** `withGroup` with fibers that run these. */
const withFibers = (
  tasks: ReadonlyArray<AnyTask>,
  body: AnyTask,
  whenDone: 'interrupt' | 'wait' = 'interrupt'
): AnyTask =>
  Task.withGroup<unknown, unknown, unknown>(
    (group) => {
      for (const task of tasks) group.spawnNowait(task)
      return body
    },
    { whenDone }
  )
/** The tasks of two fibers that wait for each other's permits. */
const circle = (): [AnyTask, AnyTask] => {
  const [one, other] = [new Semaphore(1), new Semaphore(1)]
  const take = (first: Semaphore, second: Semaphore): AnyTask =>
    pipe(
      Task.yieldNow,
      Task.flatMap(() => pipe(Task.unit, second.withPermits(1))),
      first.withPermits(1)
    )
  return [take(one, other), take(other, one)]
}
const joining = (task: AnyTask): AnyTask =>
  groupOf([], (group) => Task.flatMap((fiber: Fiber<unknown, unknown>) => fiber.join())(group.spawn(task)))
const waitingFor = (permits: number, held: AnyTask): AnyTask =>
  Task.suspend(() => {
    const semaphore = new Semaphore(2)
    return withFibers(
      [pipe(held, semaphore.withPermits(1))],
      pipe(
        Task.yieldNow,
        Task.flatMap(() => pipe(Task.unit, semaphore.withPermits(permits)))
      )
    )
  })

describe('a program stays alive if its main fiber waits', () => {
  test.each<[string, AnyTask]>([
    ['forever', Task.never],
    ['for its interruption', cancelled],
    [
      'for its interruption, in a region of its own',
      pipe(Task.never, Task.ensuring(Task.unit), Task.named('x'))
    ],
    ['for the body of a group', withFibers([], Task.never)],
    ['for the body of a group with deadlocked fibers', withFibers([nothing()], Task.never)],
    ['for the body of a group with a wait cycle', withFibers(circle(), Task.never)],
    ['for the remaining fibers of the body', withFibers([Task.never], Task.unit, 'wait')],
    ['for one of the remaining fibers of the body', withFibers([Task.never, nothing()], Task.unit, 'wait')],
    ['for a fiber that it joins', joining(cancelled)],
    ['for a group', groupOf([cancelled], (group) => group.waitClosed())],
    [
      'for a group, one fiber of which can end',
      groupOf([nothing(), cancelled], (group) => group.waitClosed())
    ],
    ['for a group to be closing', groupOf([cancelled], (group) => group.waitClosing())],
    [
      'for a group in a group',
      groupOf([], (group) =>
        pipe(
          group.createSubgroup(),
          Task.flatMap((below) => below.spawn(Task.never)),
          Task.flatMap(() => group.waitClosed())
        )
      )
    ],
    [
      'for a group that is to end by itself',
      groupOf([Task.never], (group) => group.asyncClose({ interrupt: false }))
    ],
    ['for all of several', Task.all([Task.never, cancelled])],
    ['for all of several, one of which waits for nothing', Task.all([Task.never, nothing()])],
    [
      'for each of several',
      pipe(
        [1, 2],
        Task.forEach(() => Task.never, { concurrency: 2 })
      )
    ],
    ['for the first of several', pipe(nothing(), Task.race(Task.never))],
    ['for the first of several, beside a wait cycle', Task.raceAll([Task.never, Task.all(circle())])],
    ['for the end of a task', callOnDone(Task.never, () => undefined)],
    ['for permits of another fiber', waitingFor(2, Task.never)]
  ])('%s', async (_, program) => {
    expect(await stays(program)).toBe(true)
  })

  test('in a finalizer, also after an interruption', async () => {
    const fiber = runFork(pipe(Task.never, Task.ensuring(Task.never)))
    await runTask(Task.yieldNow)
    fiber.interruptNowait()
    await runTask(Task.yieldNow)
    expect(awaitsInterruption(fiber as unknown as FiberState)).toBe(true)
  })

  test('for 20,000 fibers that join each other', async () => {
    let last: AnyTask = Task.never
    for (let n = 0; n < 20_000; n++) {
      const fiber = runFork(last)
      running.push(fiber)
      last = fiber.join()
    }
    expect(await stays(last)).toBe(true)
  })
})

describe('a program ends, whatever other fibers wait for, if its main fiber waits', () => {
  test.each<[string, AnyTask]>([
    ['for a Deferred without another fiber', nothing()],
    ['for a queue', new Queue().get()],
    ['for a latch', new Latch().wait()],
    ['for a callback', Task.async(() => undefined)],
    ['for a promise', Task.promise(() => new Promise(() => undefined))],
    ['for all of several that wait for nothing', Task.all([nothing(), new Queue().get()])],
    ['for a wait cycle', withFibers(circle(), Task.unit, 'wait')],
    ['for a wait cycle beside other fibers', withFibers([Task.never, ...circle()], Task.unit, 'wait')],
    ['for all of several, with a wait cycle', Task.all([Task.never, Task.all(circle())])],
    ['in a group whose other fibers wait for an interruption', withFibers([cancelled], nothing())],
    ['for a fiber that waits for nothing', joining(nothing())],
    ['for an empty group', groupOf([], (group) => group.waitClosed())],
    ['for a group of deadlocked fibers', groupOf([nothing()], (group) => group.waitClosed())],
    ['for permits of a deadlocked fiber', waitingFor(2, nothing())],
    [
      'for permits that it holds itself',
      pipe(Task.unit, (task) => {
        const one = new Semaphore(1)
        return withFibers([Task.never], pipe(task, one.withPermits(1), one.withPermits(1)))
      })
    ]
  ])('%s', async (_, program) => {
    const other = runFork(Task.never)
    running.push(other)
    expect(await stays(program)).toBe(false)
  })

  test('in a cycle of joins', async () => {
    const second = new Deferred<never, Fiber<never, unknown>>()
    const joins = pipe(
      second.wait(),
      Task.flatMap((fiber) => fiber.join())
    )
    const main = runFork(joins)
    second.succeed(runFork(main.join()))
    running.push(main)
    await runTask(Task.yieldNow)
    expect(awaitsInterruption(main as unknown as FiberState)).toBe(false)
  })
})
