/**
 * Generators that delegate to one another (`yield*` of a generator object) and are unwound: with `throw` their `catch` blocks would
 * handle the reason, with `return` the blocks around a `finally` that yields would be skipped.
 */
import { runInNewContext } from 'node:vm'
import { runSync, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { slowly } from '../support/tasks.js'

type Raw<A = void> = Generator<Task.Task<string, any>, A, any>

/** Runs to where it waits, interrupts after `ms`, and gives how it ended. */
const interrupted = async (task: Task.Task<unknown, unknown>, ms = 0) => {
  const machine = new Machine()
  const fiber = machine.fork(task)
  await machine.pass(ms)
  fiber.interruptNowait()
  const exit = await machine.finish(fiber)
  expect(machine.leftovers()).toBe('')
  return exit
}

const prototype = Object.getPrototypeOf(function* () {}.prototype) as Generator
const usual = Object.getOwnPropertyDescriptor(prototype, 'return')

describe('generators that delegate to each other (15)', () => {
  it('a loop around a catch block, in either generator, ends', async () => {
    const log: Array<string> = []
    function* poll(): Raw<never> {
      for (;;) {
        try {
          yield* Task.sleep(10)
        } catch {
          log.push('caught?')
        }
      }
    }
    const program = Task.gen(function* () {
      for (;;) {
        try {
          yield* poll()
        } catch {
          log.push('caught?')
        } finally {
          yield* slowly(log, 'clean')
        }
        log.push('again?')
      }
    })
    expect(summary(await interrupted(program, 25))).toEqual(failure(Interrupt))
    expect(log).toEqual(['clean'])
  })

  it.each(['interrupted', 'dead'])(
    'four levels with catch and two waits in each finally, %s: each finally in order, and no other code',
    async (how) => {
      const log: Array<string> = []
      function* level(n: number): Raw {
        try {
          if (n < 4) yield* level(n + 1)
          else yield* how === 'dead' ? Task.die('e') : Task.never
          log.push(`after ${n}?`)
        } catch {
          log.push(`caught ${n}?`)
          yield* slowly(log, `caught ${n}, later?`)
        } finally {
          yield* slowly(log, `${n}a`)
          yield* slowly(log, `${n}b`)
        }
        log.push(`behind ${n}?`)
        yield* slowly(log, `behind ${n}, later?`)
      }
      const program = Task.gen(() => level(1))
      if (how === 'dead') expect(await runSummary(program)).toEqual(failure(Die('e')))
      else expect(summary(await interrupted(program))).toEqual(failure(Interrupt))
      expect(log).toEqual(['4a', '4b', '3a', '3b', '2a', '2b', '1a', '1b'])
    }
  )

  it('the same holds at a bare `yield`', async () => {
    const log: Array<string> = []
    function* inner(): Raw {
      try {
        yield Task.never
      } catch {
        log.push('caught?')
      } finally {
        yield slowly(log, 'inner 1')
        yield* slowly(log, 'inner 2')
      }
      log.push('behind inner?')
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
      } catch {
        log.push('caught?')
      } finally {
        yield slowly(log, 'outer')
      }
      log.push('behind outer?')
    })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt))
    expect(log).toEqual(['inner 1', 'inner 2', 'outer'])
  })

  it('a finally that delegates and fails there: the outer blocks still run', async () => {
    const log: Array<string> = []
    function* clean(word: string): Raw {
      try {
        yield* slowly(log, word)
        yield* Task.fail(word)
      } catch {
        log.push('caught?')
      } finally {
        yield* slowly(log, `${word} cleaned`)
      }
      log.push(`behind ${word}?`)
    }
    function* inner(): Raw {
      try {
        yield* Task.never
      } finally {
        yield* clean('inner')
      }
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
      } catch {
        log.push('caught?')
      } finally {
        yield* clean('outer')
      }
    })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt, Fail('inner'), Fail('outer')))
    expect(log).toEqual(['inner', 'inner cleaned', 'outer', 'outer cleaned'])
  })

  it('a return or a throw in a finally does not resume the other generators', async () => {
    const log: Array<string> = []
    function* returning(): Raw<string> {
      try {
        yield* Task.never
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the case
        return 'returned'
      }
    }
    function* throwing(): Raw {
      try {
        log.push(yield* returning())
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the case
        throw 'thrown'
      }
    }
    const program = Task.gen(function* () {
      try {
        yield* throwing()
      } catch {
        log.push('caught?')
      } finally {
        yield* slowly(log, 'clean')
      }
    })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt, Die('thrown')))
    expect(log).toEqual(['clean'])
  })

  it('a thousand levels of delegation are unwound', async () => {
    let cleaned = 0
    function* level(n: number): Raw {
      try {
        if (n === 0) yield* Task.never
        else yield* level(n - 1)
      } catch {
        cleaned = Number.NaN
      } finally {
        cleaned++
      }
    }
    // The engine itself resumes each through those around it, on its stack.
    expect(summary(await interrupted(Task.gen(() => level(999))))).toEqual(failure(Interrupt))
    expect(cleaned).toBe(1_000)
  })

  it('a program that runs within a finally block is unwound', async () => {
    const log: Array<string> = []
    function* inner(): Raw {
      try {
        yield Task.never
      } finally {
        const exit = runSync(
          pipe(
            Task.gen(function* () {
              try {
                yield* (function* (): Raw {
                  yield* Task.die('nested')
                })()
              } catch {
                log.push('caught?')
              } finally {
                log.push('nested finally')
              }
            }),
            Task.exit
          )
        )
        log.push(exit._tag)
        yield* slowly(log, 'inner')
      }
    }
    const program = Task.gen(function* () {
      yield* inner()
      log.push('run on?')
    })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt))
    expect(log).toEqual(['nested finally', 'Right', 'inner'])
  })
})

describe("the host's generators are unchanged", () => {
  it('within a finally block, and afterwards', async () => {
    const seen: Array<PropertyDescriptor | undefined> = []
    const look = () => seen.push(Object.getOwnPropertyDescriptor(prototype, 'return'))
    function* inner(): Raw {
      try {
        yield* Task.never
      } finally {
        look()
        yield* Task.sleep(1)
        look()
      }
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
      } finally {
        look()
      }
    })
    await interrupted(program)
    look()
    expect(seen).toEqual([usual, usual, usual, usual])
  })

  it('`return` of a generator behaves in a finally block as elsewhere, also at a bare `yield`', async () => {
    const log: Array<unknown> = []
    function* numbers() {
      try {
        yield 1
        yield 2
      } finally {
        log.push('closed')
      }
    }
    const program = Task.gen(function* () {
      try {
        yield Task.never
      } finally {
        for (const n of numbers()) {
          log.push(n)
          break
        }
        const other = numbers()
        other.next()
        log.push(other.return())
      }
    })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt))
    expect(log).toEqual([1, 'closed', 'closed', { done: true, value: undefined }])
    expect(Object.getOwnPropertyDescriptor(prototype, 'return')).toEqual(usual)
  })

  it('a generator of Tasks can be iterated by hand, and left', () => {
    const log: Array<string> = []
    const body = function* (): Raw {
      try {
        yield* Task.succeed(1)
      } finally {
        log.push('left')
      }
    }
    for (const _ of body()) break
    const second = body()
    second.next()
    expect(second.return()).toEqual({ done: true, value: undefined })
    const third = body()
    third.next()
    expect(() => third.throw('by hand')).toThrow('by hand')
    expect(log).toEqual(['left', 'left', 'left'])
  })
})

describe('a generator that stops the unwinding is reported (15)', () => {
  it('a loop that `continue` in a finally block keeps running is abandoned', async () => {
    let rounds = 0
    const program = Task.gen(function* () {
      for (;;) {
        try {
          yield* Task.yieldNow
        } finally {
          rounds++
          if (rounds > 0) {
            // biome-ignore lint/correctness/noUnsafeFinally: that is the case
            continue
          }
        }
        yield* Task.die('behind the block')
      }
    })
    const machine = new Machine()
    const fiber = machine.fork(program)
    machine.turn()
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(
      failure(Interrupt, Die(expect.objectContaining({ message: expect.stringContaining('ran on') })))
    )
    expect(rounds).toBeGreaterThan(100_000)
  })

  it('code after a block that `break` has left is a defect', async () => {
    const program = Task.gen(function* () {
      for (;;) {
        try {
          yield* Task.never
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: that is the case
          break
        }
      }
      yield* Task.sleep(1)
      return 'run on'
    })
    const ranOn = expect.objectContaining({ message: expect.stringContaining('ran on') })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt, Die(ranOn)))
  })

  it('a generator that continues after a generator of another realm with its own `return` is a defect', async () => {
    const log: Array<string> = []
    const inner = runInNewContext(
      `(function* (body, clean) { try { yield* body } finally { yield* clean } })`
    )
    const program = Task.gen(function* () {
      yield* inner(Task.never, slowly(log, 'inner'))
      yield* slowly(log, 'ran on')
    })
    const ranOn = expect.objectContaining({ message: expect.stringContaining('Task.gen') })
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt, Die(ranOn)))
    expect(log).toEqual(['inner', 'ran on'])
    log.length = 0
    // As the message says: each level by itself.
    const each = Task.gen(function* () {
      yield* Task.gen(() => inner(Task.never, slowly(log, 'inner')))
      yield* slowly(log, 'ran on')
    })
    expect(summary(await interrupted(each))).toEqual(failure(Interrupt))
    expect(log).toEqual(['inner'])
  })

  it('a generator with a frozen prototype that continues after its delegate is a defect', async () => {
    const log: Array<string> = []
    function* inner(): Raw {
      try {
        yield* Task.never
      } finally {
        yield* slowly(log, 'inner')
      }
    }
    function* poll(): Raw<never> {
      for (;;) {
        try {
          yield* Task.sleep(10)
        } catch {
          log.push('caught?')
        }
      }
    }
    const program = (raw: () => Raw) =>
      Task.gen(function* () {
        yield* raw()
        yield* slowly(log, 'ran on')
      })
    Object.defineProperty(prototype, 'return', { writable: false })
    try {
      const ranOn = expect.objectContaining({ message: expect.stringContaining('ran on') })
      expect(summary(await interrupted(program(inner)))).toEqual(failure(Interrupt, Die(ranOn)))
      expect(log).toEqual(['inner', 'ran on'])
      log.length = 0
      expect(summary(await interrupted(program(poll), 25))).toEqual(failure(Interrupt))
      expect(summary(await interrupted(Task.gen(inner)))).toEqual(failure(Interrupt))
      expect(log).toEqual(['inner'])
    } finally {
      Object.defineProperty(prototype, 'return', { writable: true })
    }
  })

  it('an invalid `yield` in a finally block ends that block', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        try {
          yield* Task.never
        } finally {
          yield 5 as never
          log.push('rest?')
        }
      } finally {
        yield* slowly(log, 'around')
      }
    })
    const wrong = new TypeError('Task.gen in a `finally`: expected a Task, got 5 (a number)')
    expect(summary(await interrupted(program))).toEqual(failure(Interrupt, Die(wrong)))
    expect(log).toEqual(['around'])
  })
})

describe('unwinding does not depend on how the program formats stacks', () => {
  it.each<[string, () => () => void]>([
    [
      'no stacks',
      () => {
        const { stackTraceLimit } = Error
        Error.stackTraceLimit = 0
        return () => void (Error.stackTraceLimit = stackTraceLimit)
      }
    ],
    [
      'stacks of another format',
      () => {
        const { prepareStackTrace } = Error
        Error.prepareStackTrace = () => {
          throw new Error('not to be asked')
        }
        return () => void (Error.prepareStackTrace = prepareStackTrace as never)
      }
    ]
  ])('%s', async (_name, begin) => {
    const log: Array<string> = []
    function* inner(): Raw {
      try {
        yield* Task.never
      } catch {
        log.push('caught?')
      } finally {
        yield* slowly(log, 'inner')
      }
    }
    const machine = new Machine()
    const fiber = machine.fork(
      Task.gen(function* () {
        try {
          yield* inner()
        } catch {
          log.push('caught?')
        } finally {
          yield* slowly(log, 'outer')
        }
      })
    )
    const end = begin()
    try {
      await machine.settle()
      fiber.interruptNowait()
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    } finally {
      end()
    }
    expect(log).toEqual(['inner', 'outer'])
  })
})
