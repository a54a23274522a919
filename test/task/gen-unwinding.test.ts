/** How a generator is unwound when its Task dies or its fiber is interrupted: through every `finally`, and no further. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { slowly } from '../support/tasks.js'

const fails = (error: string): Task.Task<string, number> => Task.fail(error)

const dies = (defect: string): Task.Task<never, number> => Task.die(defect)

/** Runs to where it waits, interrupts, and gives how it ended. */
const interrupted = async (task: Task.Task<unknown, unknown>, yieldEvery?: number) => {
  const machine = new Machine(yieldEvery === undefined ? {} : { yieldEvery })
  const fiber = machine.fork(task)
  await machine.settle()
  fiber.interruptNowait()
  const exit = summary(await machine.finish(fiber))
  expect(machine.leftovers()).toBe('')
  return exit
}

describe('a generator whose Task dies is unwound (15)', () => {
  it('runs no code after that yield*', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      log.push('before')
      yield* dies('e')
      log.push('after')
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
    expect(log).toEqual(['before'])
  })

  it('by a throw of its body dies, and its finally runs', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        yield* Task.unit
        throw 'bug'
      } finally {
        yield* slowly(log, 'finally')
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('bug')))
    expect(log).toEqual(['finally'])
  })

  it('runs a yield* in a finally to its end, and no code after the block', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        yield* dies('e')
        log.push('never 1')
      } finally {
        yield* slowly(log, 'clean 1')
        yield* slowly(log, 'clean 2')
      }
      log.push('never 2')
      yield* slowly(log, 'never 3')
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
    expect(log).toEqual(['clean 1', 'clean 2'])
  })

  it('runs the finally of its delegate to its end, and no outer code', async () => {
    const log: Array<string> = []
    function* inner(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* dies('e')
      } finally {
        yield* slowly(log, 'inner clean 1')
        yield* slowly(log, 'inner clean 2')
      }
      log.push('never in inner')
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
        log.push('never in outer')
        yield* slowly(log, 'never in outer, later')
      } finally {
        yield* slowly(log, 'outer clean')
      }
      log.push('never after')
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
    expect(log).toEqual(['inner clean 1', 'inner clean 2', 'outer clean'])
  })

  it('unwinds two levels of delegation, innermost first', async () => {
    const log: Array<string> = []
    function* third(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* dies('e')
      } finally {
        yield* slowly(log, 'third')
      }
      log.push('never 3')
    }
    function* second(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* third()
        log.push('never 2a')
      } finally {
        yield* slowly(log, 'second')
      }
      log.push('never 2b')
    }
    const program = Task.gen(function* () {
      try {
        yield* second()
        log.push('never 1a')
      } finally {
        yield* slowly(log, 'first')
      }
      log.push('never 1b')
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
    expect(log).toEqual(['third', 'second', 'first'])
    log.length = 0
    expect(await runSummary(program, { yieldEvery: 1 })).toEqual(failure(Die('e')))
    expect(log).toEqual(['third', 'second', 'first'])
  })

  it('runs the outer blocks to their ends if an inner finally failed, and no code after them', async () => {
    const log: Array<string> = []
    function* third(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* dies('first')
      } finally {
        yield* fails('second')
      }
    }
    function* second(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* third()
      } finally {
        yield* slowly(log, 'second 1')
        yield* slowly(log, 'second 2')
      }
      log.push('never 2')
    }
    const program = Task.gen(function* () {
      yield* second()
      log.push('never 1')
      yield* slowly(log, 'never 1, later')
    })
    expect(await runSummary(program)).toEqual(failure(Die('first'), Fail('second')))
    expect(log).toEqual(['second 1', 'second 2'])
  })

  it('unwinds a generator within a finally of a generator', async () => {
    const log: Array<string> = []
    function* cleaning(): Generator<Task.Task<never, any>, void, any> {
      try {
        yield* slowly(log, 'cleaning')
      } finally {
        yield* slowly(log, 'cleaned')
      }
    }
    const program = Task.gen(function* () {
      try {
        yield* dies('e')
      } finally {
        yield* cleaning()
        yield* Task.gen(cleaning)
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
    expect(log).toEqual(['cleaning', 'cleaned', 'cleaning', 'cleaned'])
  })

  it('appends the failures of its finally blocks to the cause, in order (4)', async () => {
    const log: Array<string> = []
    function* inner(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* dies('first')
      } finally {
        yield* fails('second')
        log.push('never: the finally failed there')
      }
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
      } finally {
        yield* slowly(log, 'outer still cleans')
        yield* fails('third')
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('first'), Fail('second'), Fail('third')))
    expect(log).toEqual(['outer still cleans'])
  })

  it('appends a throw in a finally to the cause as a defect (4)', async () => {
    const program = Task.gen(function* () {
      try {
        yield* dies('first')
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the case
        throw 'thrown while cleaning'
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('first'), Die('thrown while cleaning')))
  })

  it('ignores a return in a finally', async () => {
    const program = Task.gen(function* () {
      try {
        yield* dies('e')
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: that is the case
        return 'swallowed?'
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
  })

  it('skips each catch block, and runs its finally', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        yield* dies('e')
      } catch {
        log.push('caught?')
      } finally {
        yield* slowly(log, 'finally')
      }
      log.push('after?')
    })
    expect(await runSummary(program)).toEqual(failure(Die('e')))
    expect(log).toEqual(['finally'])
  })

  it('skips catch blocks for what fails in a finally, both within it and around it', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        try {
          yield* dies('first')
        } finally {
          try {
            yield* fails('second')
          } catch {
            log.push('caught within?')
          } finally {
            yield* slowly(log, 'within')
          }
          log.push('rest?')
        }
      } catch {
        log.push('caught around?')
      } finally {
        yield* slowly(log, 'around')
      }
    })
    expect(await runSummary(program)).toEqual(failure(Die('first'), Fail('second')))
    expect(log).toEqual(['within', 'around'])
  })

  it('passes the whole cause to outer handlers', async () => {
    const program = pipe(
      Task.gen(function* () {
        try {
          yield* dies('first')
        } finally {
          yield* fails('second')
        }
      }),
      Task.catchCause((cause) => Task.succeed(cause.reasons.length))
    )
    expect(await runSummary(program)).toEqual(success(2))
  })
})

describe('a generator that is interrupted is unwound (15)', () => {
  it('runs its finally to the end, with every yield* in it', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        yield* Task.never
        log.push('never 1')
      } finally {
        yield* slowly(log, 'clean 1')
        yield* slowly(log, 'clean 2')
      }
      log.push('never 2')
    })
    expect(await interrupted(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['clean 1', 'clean 2'])
  })

  it.each([1, 2, 2048])(
    'unwinds two levels of delegation, innermost first, budget %i',
    async (yieldEvery) => {
      const log: Array<string> = []
      function* third(): Generator<Task.Task<never, any>, void, any> {
        try {
          yield* Task.never
        } finally {
          yield* slowly(log, 'third 1')
          yield* slowly(log, 'third 2')
        }
        log.push('never 3')
      }
      function* second(): Generator<Task.Task<never, any>, void, any> {
        try {
          yield* third()
          log.push('never 2a')
          yield* slowly(log, 'never 2b')
        } finally {
          yield* slowly(log, 'second')
        }
        log.push('never 2c')
      }
      const program = Task.gen(function* () {
        try {
          yield* second()
          log.push('never 1a')
          yield* slowly(log, 'never 1b')
        } finally {
          yield* slowly(log, 'first')
        }
        log.push('never 1c')
      })
      expect(await interrupted(program, yieldEvery)).toEqual(failure(Interrupt))
      expect(log).toEqual(['third 1', 'third 2', 'second', 'first'])
    }
  )

  it('finishes its finally at a second interruption', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(
      Task.gen(function* () {
        try {
          yield* Task.never
        } finally {
          yield* slowly(log, 'clean 1')
          yield* slowly(log, 'clean 2')
        }
      })
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.pass(5)
    fiber.interruptNowait()
    await machine.pass(10)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['clean 1', 'clean 2'])
  })

  it('finishes its finally if it is interrupted while it cleans up after a defect', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(
      Task.gen(function* () {
        try {
          yield* dies('e')
        } finally {
          yield* slowly(log, 'clean 1')
          yield* slowly(log, 'clean 2')
        }
      })
    )
    await machine.pass(5)
    fiber.interruptNowait()
    const exit = summary(await machine.finish(fiber))
    expect(log).toEqual(['clean 1', 'clean 2'])
    expect([failure(Die('e')), failure(Die('e'), Interrupt)]).toContainEqual(exit)
  })

  it('receives an interruption during its unwinding right after it, and the interruption follows the defect (10)', async () => {
    const log: Array<string> = []
    const body = Task.gen(function* () {
      try {
        yield* dies('e')
      } finally {
        yield* slowly(log, 'cleaned up')
      }
    })
    const handled = pipe(
      body,
      Task.orElse(() => Task.sync(() => void log.push('never')))
    )
    expect(await interrupted(handled)).toEqual(failure(Die('e'), Interrupt))
    expect(log).toEqual(['cleaned up'])
  })

  it('receives the value of the task at a bare yield in a finally', async () => {
    const log: Array<unknown> = []
    const body = Task.gen(function* () {
      try {
        yield* dies('e')
      } finally {
        log.push(yield Task.succeed(1))
        log.push(yield* Task.succeed(2))
        log.push(yield pipe(Task.sleep(5), Task.as(3)))
      }
    })
    expect(await runSummary(body)).toEqual(failure(Die('e')))
    expect(log).toEqual([1, 2, 3])
  })

  it('appends the failures of a finally to the interruption, in order (4)', async () => {
    function* inner(): Generator<Task.Task<string, any>, void, any> {
      try {
        yield* Task.never
      } finally {
        yield* fails('first')
      }
    }
    const program = Task.gen(function* () {
      try {
        yield* inner()
      } finally {
        yield* pipe(
          Task.sleep(5),
          Task.flatMap(() => Task.die('second'))
        )
      }
    })
    expect(await interrupted(program)).toEqual(failure(Interrupt, Fail('first'), Die('second')))
  })

  it('skips each catch block, also in a loop (12)', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      for (;;) {
        try {
          yield* Task.never
        } catch {
          log.push('caught')
          return 'caught?'
        }
      }
    })
    expect(await interrupted(program)).toEqual(failure(Interrupt))
  })

  it('before its first time slice runs to its first wait and cleans up (8)', async () => {
    const log: Array<string> = []
    const machine = new Machine()
    const fiber = machine.fork(
      Task.gen(function* () {
        log.push('started')
        try {
          yield* Task.sleep(5)
          log.push('never')
        } finally {
          yield* slowly(log, 'cleaned')
        }
      })
    )
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['started', 'cleaned'])
  })

  it('lets other fibers run between values without waits in a finally (6)', async () => {
    const machine = new Machine()
    let done = 0
    const fiber = machine.fork(
      Task.gen(function* () {
        try {
          yield* Task.never
        } finally {
          for (let i = 0; i < 10_000; i++) done += yield* Task.succeed(1)
        }
      })
    )
    await machine.settle()
    fiber.interruptNowait()
    machine.turn()
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(10_000)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(done).toBe(10_000)
  })

  it('may race, time out and spawn in a finally (11)', async () => {
    const log: Array<string> = []
    const program = Task.gen(function* () {
      try {
        yield* Task.never
      } finally {
        log.push((yield* pipe(Task.never, Task.timeout(20), Task.either))._tag)
        log.push(yield* pipe(Task.never, Task.race(pipe(Task.sleep(5), Task.as('raced')))))
        log.push(...(yield* Task.all([Task.succeed('a'), pipe(Task.sleep(1), Task.as('b'))])))
      }
    })
    expect(await interrupted(program)).toEqual(failure(Interrupt))
    expect(log).toEqual(['Left', 'raced', 'a', 'b'])
  })
})
