/** `try`, `catch` and `finally` in a generator, and the typed failures of the Tasks that it yields. */
import { Cause, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  causeSummary,
  Die,
  Fail,
  failure,
  Interrupt,
  leftOf,
  rightOf,
  success,
  summary
} from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { slowly } from '../support/tasks.js'

const fails = <E>(error: E): Task.Task<E, number> => Task.fail(error)

/** A typed failure, and another one of its cleanup. */
const failsTwice = pipe(fails('first'), Task.ensuring(fails('second')))

describe('a typed failure at a `yield*` (15)', () => {
  it('is thrown as the error itself, and the generator continues', async () => {
    class HttpError extends Error {
      readonly _tag = 'HttpError'
    }
    const error = new HttpError('503')
    const program = Task.gen(function* () {
      let seen: unknown
      try {
        yield* fails(error)
      } catch (caught) {
        seen = caught
      }
      const more = yield* pipe(Task.sleep(5), Task.as('more'))
      return [seen === error, seen instanceof HttpError, more]
    })
    expect(await runSummary(program)).toEqual(success([true, true, 'more']))
    expect(await runSummary(program, { yieldEvery: 1 })).toEqual(success([true, true, 'more']))
  })

  it.each([undefined, null, '', 0, Number.NaN, false, Symbol('e')])(
    'may be any value: %s is caught, and is the failure if it is not',
    async (error) => {
      const catching = Task.gen(function* () {
        try {
          yield* fails(error)
        } catch (caught) {
          return ['caught', caught]
        }
        return 'not thrown'
      })
      expect(await runSummary(catching)).toEqual(success(['caught', error]))
      const rethrowing = Task.gen(function* () {
        try {
          yield* fails(error)
        } catch (caught) {
          yield* Task.yieldNow
          throw caught
        }
      })
      expect(await runSummary(rethrowing)).toEqual(failure(Fail(error)))
    }
  )

  it('at a bare `yield` is thrown too', async () => {
    const program = Task.gen(function* () {
      const log: Array<unknown> = []
      for (const error of ['a', 'b']) {
        try {
          yield fails(error)
        } catch (caught) {
          log.push(caught, yield pipe(Task.sleep(5), Task.as('more')))
        }
      }
      return log
    })
    expect(await runSummary(program)).toEqual(success(['a', 'more', 'b', 'more']))
  })

  it('reaches the `catch` of a delegating generator', async () => {
    function* inner(): Generator<Task.Task<string, any>, void, any> {
      yield* fails('e')
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
        return 'not thrown'
      } catch (caught) {
        yield* Task.sleep(5)
        return caught
      }
    })
    expect(await runSummary(program)).toEqual(success('e'))
  })

  it('is caught if the Task did not suspend', async () => {
    const program = Task.gen(function* () {
      let caught = 0
      for (let i = 0; i < 5000; i++) {
        try {
          yield* Task.succeed(i)
          yield* fails(i)
        } catch {
          caught++
        }
      }
      return caught
    })
    expect(await runSummary(program)).toEqual(success(5000))
    expect(await runSummary(program, { yieldEvery: 1 })).toEqual(success(5000))
  })

  it('is replaced by a `return` in a `finally`, as in every function', async () => {
    const program = Task.gen(function* () {
      try {
        yield* fails('e')
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the case
        return 'replaced'
      }
    })
    expect(await runSummary(program)).toEqual(success('replaced'))
  })

  it('runs each `finally` with every `yield*` in it, and continues after it', async () => {
    const log: Array<unknown> = []
    const program = Task.gen(function* () {
      try {
        yield* fails('e')
        log.push('never')
      } finally {
        yield* slowly(log, 'clean 1')
        yield* slowly(log, 'clean 2')
      }
      log.push('never')
    })
    expect(await runSummary(program)).toEqual(failure(Fail('e')))
    expect(log).toEqual(['clean 1', 'clean 2'])
  })

  it('is replaced by a failure in a `finally`, as in every function', async () => {
    const program = Task.gen(function* () {
      try {
        yield* fails('first')
      } finally {
        yield* fails('second')
      }
    })
    expect(await runSummary(program)).toEqual(failure(Fail('second')))
  })

  it('keeps the errors of all Tasks in the type, also of those whose failures are caught', async () => {
    const program = Task.gen(function* () {
      try {
        return yield* fails('e')
      } catch {
        return 0
      }
    })
    // It compiles: the type has kept its error.
    const typed: Task.Task<string, number> = program
    // @ts-expect-error what `catch` handles no type can tell
    const untyped: Task.Task<never, number> = program
    expect(await runSummary(typed)).toEqual(await runSummary(untyped))
  })
})

describe('a failure that is not caught, or is rethrown (15)', () => {
  const cause = Cause.fail({ _tag: 'NotFound' as const })
  const fail = Task.failCause(cause)
  const causeOf = async (task: Task.Task<unknown, unknown>): Promise<Cause.Cause<unknown>> => {
    const { exit } = await runVirtual(pipe(task, Task.exit))
    return leftOf(rightOf(exit))
  }

  it('is the original cause', async () => {
    const uncaught = Task.gen(function* () {
      yield* Task.sleep(1)
      yield* fail
    })
    expect(await causeOf(uncaught)).toBe(cause)
  })

  it('is the original cause if it is rethrown at once', async () => {
    const rethrown = Task.gen(function* () {
      try {
        yield* fail
      } catch (error) {
        // biome-ignore lint/complexity/noUselessCatch: that is the case
        throw error
      }
    })
    expect(await causeOf(rethrown)).toBe(cause)
  })

  it('is the original cause if it is rethrown later, after other failures', async () => {
    const rethrown = Task.gen(function* () {
      let first: unknown
      for (const task of [fail, fails('other'), fails(new Error('third')), Task.sleep(1)]) {
        try {
          yield* task
        } catch (error) {
          first ??= error
        }
      }
      throw first
    })
    expect(await causeOf(rethrown)).toBe(cause)
  })

  it('is the original cause through delegating generators, and through Task.gen in Task.gen', async () => {
    function* raw(): Generator<Task.Task<unknown, any>, void, any> {
      yield* fail
    }
    const program = Task.gen(function* () {
      yield* Task.gen(function* () {
        try {
          yield* raw()
        } finally {
          yield* Task.sleep(1)
        }
      })
    })
    expect(await causeOf(program)).toBe(cause)
  })

  it('keeps its trace', async () => {
    const program = pipe(
      Task.gen(function* () {
        try {
          yield* pipe(fails('e'), Task.named('inner'))
        } catch (error) {
          yield* Task.sleep(1)
          throw error
        }
      }),
      Task.named('outer')
    )
    expect((await causeOf(program)).trace).toEqual(['inner', 'outer'])
  })

  it('stays the failure if it is a primitive and a hundred others were caught since', async () => {
    const program = (others: number) =>
      Task.gen(function* () {
        for (let i = 0; i <= others; i++) {
          try {
            yield* fails(`error ${i}`)
          } catch {
            yield* Task.unit
          }
        }
        throw 'error 0'
      })
    expect(await runSummary(program(99))).toEqual(failure(Fail('error 0')))
    // Errors that are no objects would fill the memory of a loop that never ends.
    expect(await runSummary(program(101))).toEqual(failure(Die('error 0')))
  })

  it('stays a failure if a `finally` block that an interruption has reached rethrows it', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      Task.gen(function* () {
        try {
          yield* fails('e')
        } catch (error) {
          try {
            yield* Task.never
          } finally {
            // biome-ignore lint/correctness/noUnsafeFinally: that is the case
            throw error
          }
        }
      })
    )
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt, Fail('e')))
  })

  it('differs from any other throw, which is a defect', async () => {
    const wrapped = Task.gen(function* () {
      try {
        yield* fails('e')
      } catch (error) {
        throw new Error('wrapped', { cause: error })
      }
    })
    expect(await runSummary(wrapped)).toEqual(failure(Die(new Error('wrapped'))))
    const late = Task.gen(function* () {
      try {
        yield* fails('e')
      } catch {
        yield* Task.sleep(1)
      }
      throw 'not e'
    })
    expect(await runSummary(late)).toEqual(failure(Die('not e')))
    const never = Task.gen(function* () {
      yield* Task.sleep(1)
      throw 'e'
    })
    expect(await runSummary(never)).toEqual(failure(Die('e')))
  })

  it('of another generator is a defect when it is thrown', async () => {
    const error = new Error('of another')
    const program = Task.gen(function* () {
      try {
        yield* fails('own')
      } catch {
        yield* Task.unit
      }
      const other = yield* pipe(fails(error), Task.either)
      throw leftOf(other)
    })
    expect(await runSummary(program)).toEqual(failure(Die(error)))
  })
})

describe('of several failures (15)', () => {
  const run = async (task: Task.Task<unknown, unknown>) => {
    const { exit, reports } = await runVirtual(task)
    return [summary(exit), ...reports.map(causeSummary)]
  }

  it('the first is thrown, and the others are reported, once', async () => {
    const catching = Task.gen(function* () {
      try {
        yield* failsTwice
      } catch (error) {
        return error
      }
      return 'not thrown'
    })
    expect(await run(catching)).toEqual([success('first'), failure(Fail('second'))])
    const goingOn = Task.gen(function* () {
      try {
        yield* failsTwice
      } catch (error) {
        return [error, yield* pipe(Task.sleep(1), Task.as('more'))]
      }
      return 'not thrown'
    })
    expect(await run(goingOn)).toEqual([success(['first', 'more']), failure(Fail('second'))])
  })

  it('the others are reported if another value is thrown in place of the first', async () => {
    const replacing = Task.gen(function* () {
      try {
        yield* failsTwice
      } catch {
        throw 'another'
      }
    })
    expect(await run(replacing)).toEqual([failure(Die('another')), failure(Fail('second'))])
  })

  it('all stay in the cause if the first is not caught', async () => {
    const uncaught = Task.gen(function* () {
      yield* failsTwice
    })
    expect(await run(uncaught)).toEqual([failure(Fail('first'), Fail('second'))])
    const rethrown = Task.gen(function* () {
      try {
        yield* failsTwice
      } catch (error) {
        // biome-ignore lint/complexity/noUselessCatch: that is the case
        throw error
      }
    })
    expect(await run(rethrown)).toEqual([failure(Fail('first'), Fail('second'))])
  })

  it('reported ones are not in the cause of the first when it is rethrown', async () => {
    const later = Task.gen(function* () {
      try {
        yield* failsTwice
      } catch (error) {
        yield* Task.sleep(1)
        throw error
      }
    })
    expect(await run(later)).toEqual([failure(Fail('first')), failure(Fail('second'))])
  })
})

describe('a `catch` block never sees (12, 15)', () => {
  const catching = (task: Task.Task<unknown, unknown>, log: Array<unknown> = []) =>
    Task.gen(function* () {
      try {
        yield* task
      } catch (error) {
        log.push(['caught', error])
        return 'caught'
      } finally {
        log.push('finally')
      }
      return 'not thrown'
    })

  it('a defect of a yielded Task, nor failures beside a defect', async () => {
    expect(await runSummary(catching(Task.die('bug')))).toEqual(failure(Die('bug')))
    const sync = Task.sync(() => {
      throw 'bug'
    })
    expect(await runSummary(catching(sync))).toEqual(failure(Die('bug')))
    const mixed = pipe(fails('e'), Task.ensuring(Task.die('bug')))
    expect(await runSummary(catching(mixed))).toEqual(failure(Fail('e'), Die('bug')))
  })

  it('an interruption of its own fiber, or of another one', async () => {
    const log: Array<unknown> = []
    const machine = new Machine()
    const own = machine.fork(catching(Task.never, log))
    await machine.settle()
    own.interruptNowait()
    expect(summary(await machine.finish(own))).toEqual(failure(Interrupt))
    expect(log).toEqual(['finally'])
    expect(await runSummary(catching(Task.interrupt))).toEqual(failure(Interrupt))
    const other = machine.fork(Task.never)
    const joining = machine.fork(catching(other.join(), log))
    await machine.settle()
    other.interruptNowait()
    expect(summary(await machine.finish(joining))).toEqual(failure(Interrupt))
    expect(log).toEqual(['finally', 'finally'])
  })

  it('a yielded value that is no Task; the `finally` blocks run', async () => {
    const log: Array<unknown> = []
    const program = Task.gen(function* () {
      try {
        yield 5 as never
      } catch {
        log.push('caught')
      } finally {
        yield* slowly(log, 'finally')
      }
    })
    const wrong = new TypeError('Task.gen from `yield*`: expected a Task, got 5 (a number)')
    expect(await runSummary(program)).toEqual(failure(Die(wrong)))
    expect(log).toEqual(['finally'])
  })
})

describe('a fiber that has caught a failure stays interruptible (15)', () => {
  it('in the `catch` block, and in the `finally` block that the failure reaches', async () => {
    for (const where of ['catch', 'finally']) {
      const log: Array<unknown> = []
      const machine = new Machine()
      const fiber = machine.fork(
        Task.gen(function* () {
          try {
            yield* fails('e')
          } catch (error) {
            if (where === 'catch') yield* slowly(log, 'never')
            throw error
          } finally {
            // What the interruption unwinds runs to its end; what it comes to does not.
            yield* slowly(log, where === 'catch' ? 'clean' : 'never')
          }
        })
      )
      await machine.pass(5)
      fiber.interruptNowait()
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
      expect(log).toEqual(where === 'catch' ? ['clean'] : [])
    }
  })

  it('also for an interruption after the failure: the failure is caught, and the interruption delivered at the next wait', async () => {
    const log: Array<unknown> = []
    const machine = new Machine()
    let resume: (task: Task.Task<string, never>) => void = () => {}
    const fiber = machine.fork(
      Task.gen(function* () {
        try {
          yield* Task.async<string, never>((f) => {
            resume = f
          })
        } catch (error) {
          log.push(error)
          yield* slowly(log, 'never')
        } finally {
          log.push('finally')
        }
      })
    )
    await machine.settle()
    resume(Task.fail('e'))
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['e', 'finally'])
  })

  it.each([1, 3, 2048])('in a loop of failures without waits, budget %i', async (yieldEvery) => {
    const machine = new Machine({ yieldEvery })
    let rounds = 0
    const fiber = machine.fork(
      Task.gen(function* () {
        for (;;) {
          try {
            yield* fails('e')
          } catch {
            rounds++
          }
        }
      })
    )
    for (let turns = 0; turns < 10; turns++) machine.turn()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(rounds).toBeGreaterThan(0)
  })
})

describe('a typed failure after a timeout passes through a generator unchanged (10, 35)', () => {
  const commit = pipe(
    Task.sleep(20),
    Task.flatMap(() => Task.fail('cannot commit')),
    Task.uninterruptible
  )
  const catchOne = function* () {
    try {
      yield* fails('e')
    } catch {
      yield* Task.sleep(1)
    }
  }
  it.each<[string, () => Generator<Task.Task<string, any>, void, any>]>([
    [
      'at a `yield*`',
      function* () {
        yield* commit
      }
    ],
    [
      'at a bare `yield`',
      function* () {
        yield commit
      }
    ],
    [
      'after another one was caught',
      function* () {
        yield* catchOne()
        yield* commit
      }
    ]
  ])('%s', async (_where, body) => {
    expect(await runSummary(pipe(Task.gen(body), Task.timeout(10)))).toEqual(failure(Fail('cannot commit')))
  })
})
