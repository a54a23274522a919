/** A failure in `withGroup` ends the block, is its result, and hides no other failure. */
import { Cause, type Group, Task } from 'aio-ts'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { defectOf, Fail, failure, failureOf, leftOf, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { inEveryMode, settled } from '../support/modes.js'

const noting = (log: Array<string>, line: string, ms = 0): Task.Task<never, never> =>
  pipe(
    Task.never,
    Task.ensuring(
      pipe(
        Task.sleep(ms),
        Task.map(() => void log.push(line))
      )
    )
  )

describe('a fiber that fails in withGroup', () => {
  inEveryMode('closes the group, stops the body and the others, and is the result (23)', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<'no'>) =>
          Task.gen(function* () {
            yield* group.spawn(noting(log, 'other', 10))
            yield* group.spawn(
              pipe(
                Task.sleep(5),
                Task.flatMap(() => Task.fail('no' as const))
              )
            )
            yield* noting(log, 'body', 20)
            return log.push('never')
          })
        )
      )
      expect(failureOf(exit)).toBe('no')
      expect(log).toEqual(['other', 'body'])
    })
  )

  inEveryMode('is the result though the body would not end by itself, nor join the fiber (23)', () =>
    Task.gen(function* () {
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<string>) =>
          pipe(
            group.spawn(Task.fail('no')),
            Task.flatMap(() => Task.never)
          )
        )
      )
      expect(failureOf(exit)).toBe('no')
    })
  )

  inEveryMode('is reported once though the body joined it (23)', () =>
    Task.gen(function* () {
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<string>) =>
          pipe(
            group.spawn(Task.fail('no')),
            Task.flatMap((fiber) => fiber.join())
          )
        )
      )
      expect(leftOf(exit).reasons).toEqual([{ _tag: 'Fail', error: 'no' }])
    })
  )

  inEveryMode('is the result though it is in a subgroup without a handler (22)', () =>
    Task.gen(function* () {
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<string>) =>
          Task.gen(function* () {
            const subgroup = yield* group.createSubgroup()
            yield* subgroup.spawn(Task.fail('below'))
            yield* Task.never
          })
        )
      )
      expect(failureOf(exit)).toBe('below')
    })
  )

  inEveryMode('with a defect closes the group, and the defect is the result', () =>
    Task.gen(function* () {
      const log: Array<string> = []
      const exit = yield* Task.exit(
        Task.withGroup((group: Group<never>) =>
          Task.gen(function* () {
            yield* group.spawn(noting(log, 'other'))
            yield* group.spawn(
              pipe(
                Task.sleep(5),
                Task.flatMap(() => Task.die('boom'))
              )
            )
            yield* Task.never
          })
        )
      )
      expect(defectOf(exit)).toBe('boom')
      expect(log).toEqual(['other'])
    })
  )

  inEveryMode(
    'first is the first reason; what fails while the others are stopped follows, and nothing is dropped (4)',
    () =>
      Task.gen(function* () {
        const exit = yield* Task.exit(
          Task.withGroup((group: Group<string>) =>
            Task.gen(function* () {
              yield* group.spawn(pipe(Task.never, Task.ensuring(Task.die('while stopping'))))
              yield* group.spawn(
                pipe(
                  Task.sleep(5),
                  Task.flatMap(() => Task.fail('first'))
                )
              )
              yield* pipe(Task.never, Task.ensuring(Task.die('of the body')))
            })
          )
        )
        const cause = leftOf(exit)
        expect(cause.reasons[0]).toMatchObject({ _tag: 'Fail', error: 'first' })
        expect([...Cause.defects(cause)].sort()).toEqual(['of the body', 'while stopping'])
      })
  )

  inEveryMode('after the body had failed follows the failure of the body (4)', () =>
    Task.gen(function* () {
      for (const whenDone of ['interrupt', 'wait'] as const) {
        const exit = yield* Task.exit(
          Task.withGroup(
            (group: Group<string>) =>
              Task.gen(function* () {
                yield* group.spawn(pipe(Task.sleep(10), Task.ensuring(Task.die('while stopping'))))
                yield* group.spawn(
                  pipe(
                    Task.sleep(20),
                    Task.flatMap(() => Task.fail('later'))
                  )
                )
                yield* settled
                return yield* Task.fail('body')
              }),
            { whenDone }
          )
        )
        const cause = leftOf(exit)
        expect(Cause.failures(cause)).toEqual(whenDone === 'wait' ? ['body', 'later'] : ['body'])
        expect(Cause.defects(cause)).toEqual(['while stopping'])
        expect(cause.reasons[0]).toEqual({ _tag: 'Fail', error: 'body' })
      }
    })
  )

  inEveryMode(
    'while it is stopped after a body that succeeded is in the exit or with the reporter (4)',
    () =>
      Task.withGroup((group: Group<never>) =>
        Task.gen(function* () {
          yield* group.spawn(pipe(Task.never, Task.ensuring(Task.die('while stopping'))))
          yield* settled
        })
      ),
    (run) => {
      const inExit = isLeft(run.exit) ? Cause.defects(run.exit.left) : []
      expect([...inExit, ...run.reports.flatMap((cause) => Cause.defects(cause))]).toEqual(['while stopping'])
    }
  )

  inEveryMode(
    'at the very end of a body that succeeds loses nothing: the value or the error is the result',
    () =>
      Task.gen(function* () {
        const exit = yield* Task.exit(
          Task.withGroup((group: Group<string>) =>
            Task.gen(function* () {
              yield* group.spawn(Task.fail('no'))
              return 'value'
            })
          )
        )
        expect(isRight(exit) ? exit.right : failureOf(exit)).toMatch(/^(no|value)$/)
        if (isRight(exit)) throw new Error('the failure of the fiber, which ran to its end, was dropped')
      })
  )
})

describe('withGroup', () => {
  it('does not report a failure twice that the body joined (22)', async () => {
    const run = await runVirtual(
      Task.withGroup((group: Group<string>) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(pipe(Task.fail('x'), Task.delay(5)))
          return yield* fiber.join()
        })
      )
    )
    expect(summary(run.exit)).toEqual(failure(Fail('x')))
    expect(run.reports).toEqual([])
  })
})
