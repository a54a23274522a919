/** Masks: they hold back an interruption, and no longer than they should. */
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

  it('deliver nothing within, and a pending interruption right after', async () => {
    const log: Array<string> = []
    const program = pipe(region(20, say(log, 'within')), then(say(log, 'never')))
    expect(await interruptedAtWait(program, 2)).toEqual(failure(Interrupt))
    expect(log).toEqual(['within'])
  })

  it('skip an interruptible part if an interruption is pending: its start is a checkpoint', async () => {
    const log: Array<string> = []
    const program = region(20, pipe(Task.interruptible(say(log, 'never')), then(say(log, 'never'))))
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual([])
  })

  it('in a generator skip the code after the region', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      yield* region(20, say(log, 'within'))
      log.push('never')
    })
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['within'])
  })

  it('at the end of a fiber drop the interruption', async () => {
    expect(await interruptedAtWait(region(20, Task.succeed('given')))).toEqual(success('given'))
    expect(await interruptedAtWait(region(20, Task.fail('given')))).toEqual(failure(Fail('given')))
    expect(await interruptedAtWait(region(20, Task.die('given')))).toEqual(failure(Die('given')))
  })

  it('followed only by a name drop the interruption', async () => {
    const named = pipe(region(20, Task.succeed('given')), Task.named('loader'))
    expect(await interruptedAtWait(named)).toEqual(success('given'))
  })

  it('raise an interruption though an inner operation absorbs interruptions', async () => {
    const log: Array<string> = []
    const forgetting = pipe(say(log, 'within'), Task.uncancellable({ raiseCancel: false }))
    const program = pipe(region(20, forgetting), then(say(log, 'never')))
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['within'])
  })

  it('that fail: the interruption wins with the failure in its result, and no handler runs', async () => {
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

  it('that throw: the interruption follows the defect, and no handler runs', async () => {
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

  it('nested: the inner one does not end the outer one', async () => {
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
  ])('end after %s', async (_name, task: Task.Task<never, unknown>) => {
    const log: Array<string> = []
    expect(await interruptedAtWait(pipe(task, then(Task.sleep(1000)), then(say(log, 'never'))))).toEqual(
      failure(Interrupt)
    )
    expect(log).toEqual([])
  })

  it('opened by interruptible: catchCause within the region receives the interruption', async () => {
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

  it('do not absorb an interruption that code within observes (12)', async () => {
    const log: Array<string> = []
    const program = pipe(
      Task.uninterruptible(pipe(Task.interruptible(Task.never), Task.exit)),
      then(Task.sleep(1)),
      then(say(log, 'never'))
    )
    expect(await interruptedAtWait(program)).toEqual(failure(Interrupt))
    expect(log).toEqual([])
  })

  it('deliver an interruption once if code within observes it and passes it on', async () => {
    const seen = pipe(
      Task.interruptible(Task.never),
      Task.catchCause((cause) => Task.failCause(cause))
    )
    expect(await interruptedAtWait(pipe(Task.uninterruptible(seen), then(Task.unit)))).toEqual(
      failure(Interrupt)
    )
  })

  it('with restore: interruptible outside a region, masked inside one', async () => {
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

  it('do not hang at Task.interrupt', async () => {
    const exit = await runSummary(pipe(Task.uninterruptible(Task.interrupt), then(Task.succeed('after'))))
    expect('reasons' in exit && exit.reasons.every((reason) => reason === Interrupt)).toBe(true)
  })
})

describe('a fiber does not inherit the mask of its starting fiber (11)', () => {
  it('if it is spawned', async () => {
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

  it('if it is a side of a race, a member of all, or a timed task', async () => {
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
