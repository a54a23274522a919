/** A failed cleanup is reported exactly once, whatever surrounds it (4, 22). */
import { Cause, callOnDone, Group, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  Die,
  Fail,
  failure,
  Interrupt,
  leftOf,
  reasonSummaries,
  rightOf,
  success,
  summary,
  tagsOf
} from '../support/exits.js'
import { interruptedAt5 } from '../support/interrupted.js'
import { runVirtual } from '../support/kit.js'

type Work = Task.Task<unknown, unknown>

const dirty = pipe(Task.never, Task.ensuring(Task.fail('cannot roll back')))

const around: Record<string, (task: Work) => Work> = {
  nothing: (task) => task,
  'a timeout': Task.timeout(1000),
  'two timeouts': (task) => pipe(task, Task.timeout(1000), Task.timeout(2000)),
  'a race': Task.race(Task.never),
  'a race in a timeout': (task) => pipe(task, Task.race(Task.never), Task.timeout(1000)),
  all: (task) => Task.all([task, Task.never]),
  forEach: (task) =>
    pipe(
      [1, 2],
      Task.forEach(() => task)
    ),
  'withGroup’s body': (task) => Task.withGroup(() => task),
  'a fiber of withGroup': (task) =>
    Task.withGroup<unknown, unknown, unknown>((group) =>
      pipe(
        group.spawn(task),
        Task.flatMap(() => Task.never)
      )
    )
}

const cannot = Fail('cannot roll back')

describe.each(Object.entries(around))('a failed cleanup within %s', (_, surround) => {
  it('is reported to the group that closes (4, 22)', async () => {
    const heard: Array<unknown> = []
    const { reports } = await runVirtual(
      Task.gen(function* () {
        const group = yield* Group.make<unknown>({
          onFailure: (cause) => heard.push(...reasonSummaries(cause))
        })
        yield* group.spawn(surround(dirty))
        yield* Task.sleep(5)
        yield* group.asyncClose()
      })
    )
    expect(heard).toEqual([Interrupt, cannot])
    expect(reports).toEqual([])
  })

  it('goes to the reporter if it loses a race (4, 43)', async () => {
    const { exit, reports } = await runVirtual(pipe(surround(dirty), Task.race(Task.sleep(5))))
    rightOf(exit)
    expect(reports.map(tellWithout)).toEqual([[cannot]])
  })

  it('follows the original failure in the cause (4)', async () => {
    const failsSoon = pipe(
      Task.sleep(5),
      Task.flatMap(() => Task.fail('first'))
    )
    const { exit, reports } = await runVirtual(Task.all([failsSoon, surround(dirty)]))
    expect(summary(exit)).toEqual(failure(Fail('first'), cannot))
    expect(reports).toEqual([])
  })

  it('follows the timeout in the cause (35)', async () => {
    const { exit, reports } = await runVirtual(pipe(surround(dirty), Task.timeout(10)))
    expect(tagsOf(exit)).toEqual(['Fail', 'Fail'])
    expect(Cause.failures(leftOf(exit))[1]).toBe('cannot roll back')
    expect(reports).toEqual([])
  })
})

const tellWithout = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  reasonSummaries(cause).filter((reason) => reason !== Interrupt)

describe('a failed cleanup outside the error type', () => {
  /** How many times, and where, the failure of a cleanup is seen, when the group of `task` closes. */
  const seen = async (task: Task.Task<never, unknown>) => {
    const heard: Array<unknown> = []
    const { reports } = await runVirtual(
      Task.gen(function* () {
        const group = yield* Group.make({ onFailure: (cause) => heard.push(...reasonSummaries(cause)) })
        yield* group.spawn(task)
        yield* Task.sleep(5)
        yield* group.asyncClose()
      })
    )
    return { heard, reported: reports.flatMap(tellWithout) }
  }

  it('goes to the reporter from callOnDone (4)', async () => {
    expect(await seen(callOnDone(dirty, () => 1))).toEqual({ heard: [], reported: [cannot] })
  })

  it.each([
    [
      'orElse',
      pipe(
        dirty,
        Task.orElse(() => Task.never)
      )
    ],
    ['either', Task.either(dirty)],
    [
      'match',
      pipe(
        dirty,
        Task.match(
          () => 1,
          () => 2
        )
      )
    ],
    [
      'getOrElse',
      pipe(
        dirty,
        Task.getOrElse(() => 1)
      )
    ],
    [
      'a timeout and orElse',
      pipe(
        dirty,
        Task.timeout(1000),
        Task.orElse(() => Task.never)
      )
    ]
  ] as ReadonlyArray<readonly [string, Task.Task<never, unknown>]>)(
    'goes to the reporter past %s, and no handler of a Group<never> is called with it (10, 24)',
    async (_, task) => {
      expect(await seen(task)).toEqual({ heard: [], reported: [cannot] })
    }
  )

  it('leaves a concurrent defect to the handler', async () => {
    const both = pipe(
      dirty,
      Task.ensuring(Task.die('boom')),
      Task.orElse(() => Task.never)
    )
    expect(await seen(both)).toEqual({ heard: [Interrupt, Die('boom')], reported: [cannot] })
  })

  it('is an error of catchTag only if it has another tag', async () => {
    class A {
      readonly _tag = 'A'
    }
    class B {
      readonly _tag = 'B'
    }
    const heard: Array<unknown> = []
    const work = pipe(
      Task.never,
      Task.ensuring(Task.fail<A | B>(new A())),
      Task.ensuring(Task.fail<A | B>(new B())),
      Task.catchTag('A', () => Task.never)
    )
    const { reports } = await runVirtual(
      Task.gen(function* () {
        const group = yield* Group.make<B>({ onFailure: (cause) => heard.push(...Cause.failures(cause)) })
        yield* group.spawn(work)
        yield* Task.sleep(5)
        yield* group.asyncClose()
      })
    )
    expect(heard).toEqual([new B()])
    expect(reports.flatMap(Cause.failures)).toEqual([new A()])
  })

  it('stays in the cause for code that observes the exit of the fiber (4)', async () => {
    const program = Task.gen(function* () {
      const group = yield* Group.make({ onFailure: () => undefined })
      const fiber = yield* group.spawn(
        pipe(
          dirty,
          Task.orElse(() => Task.never)
        )
      )
      yield* Task.sleep(5)
      yield* group.asyncClose()
      return summary(yield* fiber.wait())
    })
    expect(summary((await runVirtual(program)).exit)).toEqual(success(failure(Interrupt, cannot)))
  })
})

describe('a side of a race that failed before the other succeeded', () => {
  const both = pipe(Task.fail('no'), Task.ensuring(Task.fail('cannot roll back')))

  it('reports the cleanup that failed, and its own failure with it (4)', async () => {
    const { exit, reports } = await runVirtual(pipe(both, Task.race(pipe(Task.sleep(5), Task.as('yes')))))
    expect(summary(exit)).toEqual(success('yes'))
    expect(reports.map(reasonSummaries)).toEqual([[Fail('no'), cannot]])
  })

  it('reports it also if the other side fails later', async () => {
    const later = pipe(
      Task.sleep(5),
      Task.flatMap(() => Task.fail('later'))
    )
    const { exit, reports } = await runVirtual(pipe(both, Task.race(later)))
    expect(summary(exit)).toEqual(failure(Fail('later')))
    expect(reports.map(reasonSummaries)).toEqual([[Fail('no'), cannot]])
  })
})

describe('callOnDone', () => {
  it('does not call the function if the task was interrupted and its cleanup failed (36)', async () => {
    let called = 0
    const interrupted = pipe(Task.interrupt, Task.ensuring(Task.fail('cannot roll back')))
    const { exit } = await runVirtual(callOnDone(interrupted, () => called++))
    expect(called).toBe(0)
    expect(summary(exit)).toEqual(failure(Interrupt, cannot))
  })
})

describe('a failure before the interruption', () => {
  it('of a side of `all` is kept while the others stop (4)', async () => {
    const slow = Task.uninterruptible(Task.sleep(30))
    expect((await interruptedAt5(Task.all([Task.die('bug'), slow]))).exit).toEqual(
      failure(Interrupt, Die('bug'))
    )
    const each = pipe(
      [Task.die('bug'), slow],
      Task.forEach((task) => task, { concurrency: 2 })
    )
    expect((await interruptedAt5(each)).exit).toEqual(failure(Interrupt, Die('bug')))
  })

  it('does not become a handled timeout (2, 35)', async () => {
    const program = pipe(
      Task.all([Task.die('bug'), Task.uninterruptible(Task.sleep(30))]),
      Task.timeout(5),
      Task.either
    )
    const { exit } = await runVirtual(program)
    expect(tagsOf(exit)).toEqual(['Fail', 'Die'])
  })

  it('of a side of a race goes to the reporter (35)', async () => {
    const { reports } = await interruptedAt5(Task.raceAll([Task.die('bug'), Task.never]))
    expect(reports.map((cause) => cause.reasons[0]._tag)).toEqual(['Die'])
  })
})
