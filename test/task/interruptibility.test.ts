/** What holds an interruption off, and that it holds no longer than it should. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  causeSummary,
  Die,
  Fail,
  failure,
  Interrupt,
  lateResults,
  success,
  summary
} from '../support/exits.js'
import { interruptedAtWait } from '../support/interrupted.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { say } from '../support/tasks.js'

const then = <E, A>(next: Task.Task<E, A>) => Task.flatMap((_: unknown) => next)

describe('uninterruptible regions (10)', () => {
  const region = <E, A>(ms: number, task: Task.Task<E, A>) =>
    Task.uninterruptible(pipe(Task.sleep(ms), then(task)))

  it('nothing is delivered within; it is delivered as the first thing after', async () => {
    const log: Array<string> = []
    const program = pipe(region(20, say(log, 'within')), then(say(log, 'never')))
    expect(await interruptedAtWait(program, 2)).toEqual(failure(Interrupt))
    expect(log).toEqual(['within'])
  })

  it('an interruptible part of it is left out where one is pending: its bound is a checkpoint', async () => {
    const log: Array<string> = []
    const program = region(20, pipe(Task.interruptible(say(log, 'never')), then(say(log, 'never'))))
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual([])
  })

  it('in a generator too: the code behind the region does not run', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      yield* region(20, say(log, 'within'))
      log.push('never')
    })
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['within'])
  })

  it('where nothing comes after it the interruption came too late', async () => {
    expect(await interruptedAtWait(region(20, Task.succeed('given')))).toEqual(success('given'))
    expect(await interruptedAtWait(region(20, Task.fail('given')))).toEqual(failure(Fail('given')))
    expect(await interruptedAtWait(region(20, Task.die('given')))).toEqual(failure(Die('given')))
  })

  it('a name around it is nothing that comes after it', async () => {
    const named = pipe(region(20, Task.succeed('given')), Task.named('loader'))
    expect(await interruptedAtWait(named)).toEqual(success('given'))
  })

  it('what forgets an interruption within it forgets none that the region owes', async () => {
    const log: Array<string> = []
    const forgetting = pipe(say(log, 'within'), Task.uncancellable({ raiseCancel: false }))
    const program = pipe(region(20, forgetting), then(say(log, 'never')))
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['within'])
  })

  it('the region ends with a failure: the interruption wins and carries it, and no handler runs', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(
        region(20, Task.fail('e')),
        Task.orElse(() => say(log, 'never'))
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([failure(Fail('e'))])
    expect(log).toEqual([])
  })

  it('the region ends with a throw: the interruption follows it, and no handler runs', async () => {
    const log: Array<string> = []
    const program = pipe(
      region(
        20,
        Task.sync(() => {
          throw 'bug'
        })
      ),
      Task.catchCause(() => say(log, 'never'))
    )
    expect(await interruptedAtWait(program)).toEqual(failure(Die('bug'), Interrupt))
    expect(log).toEqual([])
  })

  it('a nested region does not end the outer one', async () => {
    const log: Array<string> = []
    const program = pipe(
      Task.uninterruptible(
        pipe(
          region(5, say(log, 'inner')),
          then(Task.sleep(5)),
          then(say(log, 'outer')),
          then(Task.yieldNow),
          then(say(log, 'end'))
        )
      ),
      then(say(log, 'never'))
    )
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['inner', 'outer', 'end'])
  })

  it.each([
    ['success', Task.uninterruptible(Task.unit)],
    [
      'failure',
      pipe(
        Task.uninterruptible(Task.fail('e')),
        Task.orElse(() => Task.unit)
      )
    ],
    [
      'a defect',
      pipe(
        Task.uninterruptible(Task.die('d')),
        Task.catchCause(() => Task.unit)
      )
    ],
    [
      'a throw in the mask function',
      pipe(
        Task.uninterruptibleMask(() => {
          throw 'bug'
        }),
        Task.catchCause(() => Task.unit)
      )
    ],
    [
      'a bracket',
      Task.bracket(
        Task.unit,
        () => Task.unit,
        () => Task.unit
      )
    ],
    [
      'a finalizer that failed',
      pipe(
        Task.unit,
        Task.ensuring(Task.fail('f')),
        Task.orElse(() => Task.unit)
      )
    ]
  ])('the mask is taken off again after %s', async (_name, task: Task.Task<never, unknown>) => {
    const log: Array<string> = []
    expect(await interruptedAtWait(pipe(task, then(Task.sleep(1000)), then(say(log, 'never'))))).toEqual(
      failure(Interrupt)
    )
    expect(log).toEqual([])
  })

  it('interruptible opens a window; catchCause within the region sees what came through it', async () => {
    const log: Array<unknown> = []
    const program = Task.uninterruptible(
      pipe(
        Task.interruptible(Task.never),
        Task.catchCause((cause) => Task.sync(() => log.push(causeSummary(cause)))),
        then(Task.sleep(10)),
        then(Task.sync(() => log.push('cleaned up')))
      )
    )
    await interruptedAtWait(program)
    expect(log).toEqual([failure(Interrupt), 'cleaned up'])
  })

  it('seeing it within a region does not absorb it (12)', async () => {
    const log: Array<string> = []
    const program = pipe(
      Task.uninterruptible(pipe(Task.interruptible(Task.never), Task.exit)),
      then(Task.sleep(1)),
      then(say(log, 'never'))
    )
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual([])
  })

  it('seen within a region and passed on, it counts once', async () => {
    const seen = pipe(
      Task.interruptible(Task.never),
      Task.catchCause((cause) => Task.failCause(cause))
    )
    expect(await interruptedAtWait(pipe(Task.uninterruptible(seen), then(Task.unit)))).toEqual(
      failure(Interrupt)
    )
  })

  it('restore gives back what was: interruptible outside a region, masked inside one', async () => {
    const log: Array<string> = []
    const masked = Task.uninterruptibleMask((restore) =>
      pipe(
        restore(pipe(Task.sleep(20), then(say(log, 'restored part ran')))),
        Task.onExit((exit) => say(log, JSON.stringify(summary(exit))))
      )
    )
    expect(await interruptedAtWait(masked)).toEqual(failure(Interrupt))
    expect(log).toEqual([JSON.stringify(failure(Interrupt))])
    log.length = 0
    expect(await interruptedAtWait(Task.uninterruptible(masked))).toEqual(success(undefined))
    expect(log).toEqual(['restored part ran', JSON.stringify(success(undefined))])
  })

  it('Task.interrupt within a region does not hang', async () => {
    const exit = await runSummary(pipe(Task.uninterruptible(Task.interrupt), then(Task.succeed('after'))))
    expect('reasons' in exit && exit.reasons.every((reason) => reason === Interrupt)).toBe(true)
  })
})

describe('a fiber does not inherit the mask of the one that spawned it (11)', () => {
  it('a spawned fiber', async () => {
    const program = Task.uninterruptible(
      Task.withGroup((group) =>
        Task.gen(function* () {
          const child = yield* group.spawn(Task.never)
          return summary(yield* child.interrupt())
        })
      )
    )
    expect(await runSummary(program)).toEqual(success(failure(Interrupt)))
  })

  it('the sides of a race, the members of all, a timed task', async () => {
    const race = Task.uninterruptible(pipe(Task.never, Task.race(pipe(Task.sleep(5), Task.as('won')))))
    expect(await runSummary(race)).toEqual(success('won'))
    const all = Task.uninterruptible(Task.all([Task.never, pipe(Task.sleep(5), then(Task.fail('e')))]))
    expect(await runSummary(all)).toEqual(failure(Fail('e')))
    const timed = Task.uninterruptible(
      pipe(
        Task.never,
        Task.timeout(5),
        Task.either,
        Task.map((either) => either._tag)
      )
    )
    expect(await runSummary(timed)).toEqual(success('Left'))
  })
})
