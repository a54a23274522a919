/** Failures of a fiber that is being stopped are never dropped, whatever surrounds it: an interruption has them as a late result. */
import { type Cause, type Exit, Group, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect } from 'vitest'
import { inEveryMode, settled } from '../support/modes.js'

const boom = new Error('while being stopped')

/** Every defect in an exit, also in what its interruptions carry. */
const defectsIn = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<unknown> =>
  isRight(exit) ? [] : defectsOf(exit.left)

const defectsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.flatMap((reason) => {
    if (reason._tag === 'Die') return [reason.defect]
    if (reason._tag === 'Fail' || Option.isNone(reason.result)) return []
    return defectsIn(reason.result.value)
  })

const dying = pipe(
  Task.sleep(10),
  Task.flatMap(() => Task.die(boom))
)

/** Ways for a task to die although, or because, it is being stopped. */
const deaths: Readonly<Record<string, Task.Task<never, unknown>>> = {
  'in an uninterruptible region': Task.uninterruptible(dying),
  'in uncancellable': pipe(dying, Task.uncancellable()),
  'in a finalizer': pipe(Task.never, Task.ensuring(Task.die(boom)))
}

/** What may stand between that and the fiber. */
const surroundings: Readonly<
  Record<string, (task: Task.Task<never, unknown>) => Task.Task<unknown, unknown>>
> = {
  'by itself': (task) => task,
  'under a timeout': Task.timeout(1000),
  'under two timeouts': (task) => pipe(task, Task.timeout(1000), Task.timeout(2000)),
  'in all': (task) => Task.all([task, Task.never]),
  'in all in all': (task) => Task.all([Task.all([task, Task.never])]),
  'in forEach': (task) =>
    pipe(
      [1, 2],
      Task.forEach(() => task, { concurrency: 1 })
    ),
  'in a race': Task.race(Task.never),
  'as the other side of a race': (task) => pipe(Task.never, Task.race(task)),
  'as the body of withGroup': (task) => Task.withGroup(() => task),
  'as a fiber of withGroup': (task) =>
    Task.withGroup((group: Group<never>) =>
      pipe(
        group.spawn(task),
        Task.flatMap(() => Task.never)
      )
    ),
  'in uncancellable': Task.uncancellable()
}

describe('a defect of a fiber that is being stopped', () => {
  for (const [where, death] of Object.entries(deaths)) {
    for (const [around, surround] of Object.entries(surroundings)) {
      // Out of reach of interruption nobody is stopped, and `never` has no finalizer to run.
      if (around === 'in uncancellable' && where === 'in a finalizer') continue
      inEveryMode(
        `is in its exit or with the reporter, and reaches onFailure: ${where}, ${around} (4, 22)`,
        () =>
          Task.gen(function* () {
            const heard: Array<unknown> = []
            const group = yield* Group.make<unknown>({
              onFailure: (cause) => void heard.push(...defectsOf(cause))
            })
            const fiber = yield* group.spawn(surround(death))
            yield* settled
            yield* group.asyncClose()
            return [...new Set([...heard, ...defectsIn(yield* fiber.wait())])]
          }),
        ({ exit, reports }) => {
          const known = isRight(exit) ? (exit.right as ReadonlyArray<unknown>) : defectsIn(exit)
          expect([...new Set([...known, ...reports.flatMap(defectsOf)])]).toEqual([boom])
        }
      )
    }
  }
})

describe('a late result of a timed task', () => {
  inEveryMode('is in the interruption that came meanwhile, also through two timeouts (35)', () =>
    Task.gen(function* () {
      const group = yield* Group.make<unknown>({ onFailure: () => {} })
      const value = Task.uninterruptible(pipe(Task.sleep(10), Task.as('given')))
      const once = yield* group.spawn(pipe(value, Task.timeout(1000)))
      const twice = yield* group.spawn(pipe(value, Task.timeout(1000), Task.timeout(2000)))
      yield* settled
      yield* group.asyncClose()
      expect(carriedBy(yield* once.wait())).toBe('given')
      expect(carriedBy(yield* twice.wait())).toBe('given')
    })
  )
})

/** The value at the end of what interruptions carry. */
const carriedBy = (exit: Exit.Exit<unknown, unknown>): unknown => {
  if (isRight(exit)) return exit.right
  const [reason] = exit.left.reasons
  const result = reason._tag === 'Interrupt' ? Option.toUndefined(reason.result) : undefined
  return result === undefined ? undefined : carriedBy(result)
}
