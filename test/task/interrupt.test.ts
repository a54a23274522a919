/** When an interruption is delivered, and which handlers do not catch it. */
import { Cause, type Fiber, Task } from 'aio-ts'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, Interrupt, reasonsOf, type Summary, success, summary } from '../support/exits.js'
import { interruptedAtWait } from '../support/interrupted.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { say } from '../support/tasks.js'

/** From within: from here on the interruption is pending, and delivered at the next checkpoint. */
const interruptMyself: Task.Task<never, void> = pipe(
  Task.currentFiber,
  Task.map((fiber) => fiber.interruptNowait())
)

const then = <E, A>(next: Task.Task<E, A>) => Task.flatMap((_: unknown) => next)

describe('checkpoints (8)', () => {
  it('a fiber runs on up to its first wait, which is interrupted', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      yield* interruptMyself
      log.push('plain code')
      yield* say(log, 'sync')
      yield* Task.succeed(1)
      yield* pipe(
        Task.fail('e'),
        Task.orElse(() => say(log, 'recovered'))
      )
      yield* Task.sleep(10)
      log.push('never')
    })
    expect(await runSummary(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['plain code', 'sync', 'recovered'])
  })

  it('yieldNow is a checkpoint', async () => {
    const log: Array<string> = []
    const program = pipe(
      interruptMyself,
      then(say(log, 'runs')),
      then(Task.yieldNow),
      then(say(log, 'never'))
    )
    expect(await runSummary(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['runs'])
  })

  it('an operation that does not wait is none: a callback that came at once', async () => {
    const atOnce = Task.async<never, string>((resume) => resume(Task.succeed('at once')))
    expect(await runSummary(pipe(interruptMyself, then(atOnce)))).toEqual(success('at once'))
  })

  it('an operation that does not wait is none: joining a fiber that has ended', async () => {
    const program = Task.withGroup((group) =>
      Task.gen(function* () {
        const child = yield* group.spawn(Task.succeed('done'))
        yield* child.wait()
        yield* interruptMyself
        const got = yield* child.join()
        return got
      })
    )
    expect(await runSummary(program)).toEqual(success('done'))
  })

  it('a fiber interrupted before it started runs to its first checkpoint', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(pipe(say(log, 'started'), then(Task.sleep(1)), then(say(log, 'never'))))
    fiber.interruptNowait()
    expect(log).toEqual([])
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['started'])
  })

  it('a fiber interrupted before it started, that never waits, ends with its value', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(
        Task.sync(() => 20),
        Task.map((n) => n + 1)
      )
    )
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success(21))
  })

  it('a fiber interrupted right after spawn still runs its finalizers', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(
      Task.bracket(
        say(log, 'acquire'),
        () => Task.never,
        () => say(log, 'release')
      )
    )
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['acquire', 'release'])
  })

  it('a loop that never waits is interrupted when its budget is used up', async () => {
    const machine = new Machine()
    let rounds = 0
    const fiber = machine.fork(Task.forever(Task.sync(() => rounds++)))
    machine.turn()
    const before = rounds
    expect(before).toBeGreaterThan(0)
    fiber.interruptNowait()
    machine.turn()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    // It stops where its budget is out, not a budget later.
    expect(rounds - before).toBeLessThanOrEqual(1)
  })

  it('with a budget of 1 the gap between two operations is a checkpoint', async () => {
    const log: Array<string> = []
    const machine = new Machine({ yieldEvery: 1 })
    const fiber = machine.fork(pipe(say(log, 'one'), then(say(log, 'two')), then(say(log, 'three'))))
    while (log.length === 0) machine.turn()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['one'])
  })

  it('one interruption is delivered once, not again in a later finalizer', async () => {
    const log: Array<string> = []
    const program = pipe(
      Task.never,
      Task.ensuring(pipe(Task.sleep(5), then(say(log, 'a')), then(Task.sleep(5)), then(say(log, 'b'))))
    )
    expect(await interruptedAtWait(program, 3)).toEqual(failure(Interrupt))
    expect(log).toEqual(['a', 'b'])
  })
})

describe('an interruption is not caught (12)', () => {
  it.each<[string, <E, A>(self: Task.Task<E, A>) => Task.Task<unknown, unknown>]>([
    ['orElse', Task.orElse(() => Task.succeed('caught'))],
    ['catchCause', Task.catchCause(() => Task.succeed('caught'))],
    ['exit', Task.exit],
    ['either', Task.either],
    [
      'match',
      Task.match(
        () => 'caught',
        () => 'caught'
      )
    ],
    ['getOrElse', Task.getOrElse(() => 'caught')],
    [
      'catchCause twice',
      (self) =>
        pipe(
          self,
          Task.catchCause(() => Task.succeed('caught')),
          Task.catchCause(() => Task.succeed('caught'))
        )
    ]
  ])('by %s around an interruptible wait', async (_name, around) => {
    const log: Array<string> = []
    expect(await interruptedAtWait(pipe(Task.never, around, then(say(log, 'never'))))).toEqual(
      failure(Interrupt)
    )
    expect(await runSummary(pipe(Task.interrupt, around, then(say(log, 'never'))))).toEqual(
      failure(Interrupt)
    )
    expect(log).toEqual([])
  })

  it('but finalizers receive it, with the fiber that requested it', async () => {
    const seen: Array<Summary> = []
    const machine = new Machine()
    const target = machine.fork(
      pipe(
        Task.never,
        Task.onExit((exit) => Task.sync(() => seen.push(summary(exit))))
      )
    )
    await machine.settle()
    const interrupter: Fiber<never, unknown> = machine.fork(target.interrupt())
    const exit = await machine.finish(target)
    await machine.finish(interrupter)
    expect(seen).toEqual([failure(Interrupt)])
    expect(reasonsOf(exit)[0]).toMatchObject({
      _tag: 'Interrupt',
      by: { _tag: 'Some', value: interrupter.id }
    })
  })

  it('nor turned into a catchable failure by typed failures of finalizers (2)', async () => {
    const program = pipe(
      Task.never,
      Task.ensuring(Task.fail('cleanup')),
      Task.orElse(() => Task.succeed('caught'))
    )
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt, Fail('cleanup')))
  })
})

describe('the interruption of another fiber is an ordinary cause (13)', () => {
  const joinInterrupted = Task.withGroup((group) =>
    Task.gen(function* () {
      const child = yield* group.spawn(Task.never)
      yield* child.interrupt()
      return yield* child.join()
    })
  )

  it('a join of an interrupted fiber fails with it, and the joining fiber can catch it', async () => {
    expect(await runSummary(joinInterrupted)).toEqual(failure(Interrupt))
    const program = pipe(
      joinInterrupted,
      Task.catchCause((cause) => Task.succeed(Cause.isInterruptedOnly(cause))),
      Task.tap(() => Task.sleep(10))
    )
    expect(await runSummary(program)).toEqual(success(true))
  })

  it('it is not a typed failure', async () => {
    expect(
      await runSummary(
        pipe(
          joinInterrupted,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(failure(Interrupt))
  })

  it('a member of a race that interrupts itself loses', async () => {
    const program = pipe(Task.interrupt, Task.race(pipe(Task.sleep(10), Task.as('other'))))
    expect(await runSummary(program)).toEqual(success('other'))
  })

  it('a timed task that interrupts itself can be caught outside the timeout', async () => {
    const program = pipe(Task.interrupt, Task.timeout(100), Task.exit, Task.map(summary))
    expect(await runSummary(program)).toEqual(success(failure(Interrupt)))
  })

  it('a member of all that interrupts itself ends all members, and the cause can be caught', async () => {
    const program = pipe(Task.all([Task.never, Task.interrupt]), Task.exit, Task.map(summary))
    expect(await runSummary(program)).toEqual(success(failure(Interrupt)))
  })

  it('exit of a join is a value, also for a failure', async () => {
    const program = Task.withGroup((group) =>
      pipe(
        group.spawn(pipe(Task.fail('e'), Task.either)),
        Task.flatMap((child) => child.join())
      )
    )
    expect(await runSummary(program)).toEqual(success(left('e')))
  })
})
