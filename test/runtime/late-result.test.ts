/**
 * Late results: what a task still gives after an interruption (2, 10, 35). Operators that pass a result through unchanged keep it, and
 * a program that nobody interrupted has no interruption in its cause.
 */
import { type Cause, Group, Semaphore, Task, TimeoutError } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  Die,
  Fail,
  failure,
  Interrupt,
  lateResults,
  reasonSummaries,
  reasonsOf,
  rightOf,
  success,
  summary
} from '../support/exits.js'
import { runVirtual } from '../support/kit.js'

type Work = Task.Task<unknown, unknown>
type Around = (task: Work) => Work

const commit = Task.uninterruptible(pipe(Task.sleep(20), Task.as('committed')))
const refuse = Task.uninterruptible(
  pipe(
    Task.sleep(20),
    Task.flatMap(() => Task.fail('refused'))
  )
)
/** A transaction in a connection that takes a while to give back. */
const within: Around = (task) =>
  Task.bracket(
    Task.unit,
    () => task,
    () => Task.sleep(5)
  )
const permits = new Semaphore(1)

/** What passes a value through unchanged. */
const passing: Record<string, Around> = {
  nothing: (task) => task,
  ensuring: Task.ensuring(Task.unit),
  'a slow ensuring': Task.ensuring(Task.sleep(7)),
  onExit: Task.onExit(() => Task.unit),
  onInterrupt: Task.onInterrupt(Task.unit),
  mapError: Task.mapError((error) => error),
  tapError: Task.tapError(() => Task.unit),
  orElse: Task.orElse(() => Task.unit),
  orDie: Task.orDie,
  catchCause: Task.catchCause(() => Task.unit),
  named: Task.named('work'),
  'a bracket': within,
  'two brackets': (task) => within(within(task)),
  'a permit': permits.withPermits(1),
  'a restored region': (task) => Task.uninterruptibleMask((restore) => restore(task)),
  'a timeout': Task.timeout(1000),
  'a race': Task.race(Task.never),
  'timeouts and brackets': (task) => pipe(within(pipe(within(task), Task.timeout(1000))), Task.timeout(1000))
}

/** What passes a failure through unchanged. */
const failing = Object.fromEntries(
  Object.entries(passing).filter(
    ([name]) => !['mapError', 'tapError', 'orElse', 'orDie', 'catchCause'].includes(name)
  )
)

describe('a masked result after the timeout', () => {
  it.each(Object.entries(passing))('is the result through %s (10, 35)', async (_, around) => {
    for (const yieldEvery of [1, 2, 2048]) {
      const { exit, reports } = await runVirtual(pipe(around(commit), Task.timeout(10)), { yieldEvery })
      expect(summary(exit)).toEqual(success('committed'))
      expect(reports).toEqual([])
    }
  })

  it.each(Object.entries(failing))(
    'is the result through %s if it is a failure (10, 35)',
    async (_, around) => {
      const { exit, reports } = await runVirtual(pipe(around(refuse), Task.timeout(10)))
      expect(summary(exit)).toEqual(failure(Fail('refused')))
      expect(reports).toEqual([])
    }
  )

  it('is a defect through orDie (35)', async () => {
    const { exit } = await runVirtual(pipe(refuse, Task.orDie, Task.timeout(10)))
    expect(summary(exit)).toEqual(failure(Die('refused')))
  })

  it('is lost if other operations would continue with it', async () => {
    const mapped = pipe(
      commit,
      Task.map((text) => `${text}!`),
      Task.timeout(10)
    )
    expect(reasonsOf((await runVirtual(mapped)).exit)).toMatchObject([{ error: { _tag: 'TimeoutError' } }])
  })

  it('yields to the failure of a later finalizer, as without any interruption', async () => {
    const program = pipe(commit, Task.ensuring(Task.fail('cannot log')), Task.timeout(1000), Task.timeout(10))
    expect(summary((await runVirtual(program)).exit)).toEqual(failure(Fail('cannot log')))
  })

  it.each(Object.entries(passing))(
    'is in the result of the caller’s own interruption through %s',
    async (_, around) => {
      const program = Task.gen(function* () {
        const group = yield* Group.make<unknown>({ onFailure: () => undefined })
        const fiber = yield* group.spawn(pipe(around(commit), Task.timeout(1000)))
        yield* Task.sleep(5)
        const exit = yield* fiber.interrupt()
        yield* group.asyncClose()
        return exit
      })
      const { exit } = await runVirtual(program)
      expect(summary(rightOf(exit))).toEqual(failure(Interrupt))
      expect(lateResults(rightOf(exit))).toEqual([success('committed')])
    }
  )
})

describe('a region that fails while its fiber is interrupted', () => {
  it.each(['orElse', 'mapError', 'tapError'] as const)(
    'is interrupted if %s would continue with it (10)',
    async (name) => {
      const around: Around = {
        orElse: passing.orElse,
        mapError: passing.mapError,
        tapError: passing.tapError
      }[name] as Around
      const { exit } = await runVirtual(pipe(around(refuse), Task.timeout(10)))
      expect(reasonsOf(exit)).toMatchObject([{ error: { _tag: 'TimeoutError' } }])
    }
  )

  it('ends with its failure if no handler follows, and its group calls onFailure (10, 22)', async () => {
    const heard: Array<unknown> = []
    const program = Task.gen(function* () {
      const group = yield* Group.make<string>({ onFailure: (cause) => heard.push(...reasonSummaries(cause)) })
      yield* group.spawn(pipe(refuse, Task.ensuring(Task.unit)))
      yield* Task.sleep(5)
      yield* group.asyncClose()
    })
    expect(summary((await runVirtual(program)).exit)).toEqual(success(undefined))
    expect(heard).toEqual([Fail('refused')])
  })
})

describe('an interruption that no code outside the operator requested', () => {
  const dirty = pipe(Task.never, Task.ensuring(Task.fail('cannot roll back')))

  it.each([
    ['a timeout', pipe(dirty, Task.timeout(10))],
    ['a timeout in a timeout', pipe(dirty, Task.timeout(100), Task.timeout(10))],
    ['three timeouts', pipe(dirty, Task.timeout(100), Task.timeout(50), Task.timeout(10))],
    ['a race in a timeout', pipe(dirty, Task.race(Task.never), Task.timeout(10))],
    ['all in a timeout', pipe(Task.all([dirty]), Task.timeout(10))],
    [
      'forEach in a timeout',
      pipe(
        [1],
        Task.forEach(() => dirty),
        Task.timeout(100),
        Task.timeout(10)
      )
    ]
  ] as const)('is not in the cause of %s (2, 35)', async (_, program) => {
    const { exit, reports } = await runVirtual<unknown, unknown>(program)
    const [first, ...others] = reasonsOf(exit)
    expect(first?._tag === 'Fail' && first.error).toBeInstanceOf(TimeoutError)
    expect(
      others.map((reason: Cause.Reason<unknown>) => summary(left({ reasons: [reason], trace: [] })))
    ).toEqual([failure(Fail('cannot roll back'))])
    expect(reports).toEqual([])
  })

  it('is not in the cause of withGroup whose remaining fiber fails while it is stopped (2, 23)', async () => {
    const program = Task.withGroup<string, unknown, unknown>((group) =>
      pipe(
        group.spawn(dirty),
        Task.flatMap(() => Task.sleep(1))
      )
    )
    expect(summary((await runVirtual(program)).exit)).toEqual(failure(Fail('cannot roll back')))
  })

  it('is not in the result of either around a timeout', async () => {
    const { exit } = await runVirtual(Task.either(pipe(dirty, Task.timeout(100), Task.timeout(10))))
    expect(exit).toMatchObject(right(left({ _tag: 'TimeoutError', ms: 10 })))
  })
})
