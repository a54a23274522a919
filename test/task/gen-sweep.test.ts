/** Generators with `try`, `catch` and `finally`: interrupted at every step, and in every order of time slices. */
import { Queue, Task } from 'aio-ts'
import { explore, sweepInterrupts, type TestRun } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { inGroup, steps } from '../schedules/program.js'
import { Die, Fail, failure, Interrupt, type Summary, success, summary } from '../support/exits.js'
import { drain } from '../support/queues.js'

type Raw<A = void> = Generator<Task.Task<string, any>, A, any>

/** A program, which writes down what it comes to. */
interface Watched {
  readonly task: Task.Task<string, unknown>
  /** Throws where an interrupted run has done what it must not do, or has not done what it had to do. */
  readonly check: (exit: Summary) => void
}

const sweep = async (make: () => Watched): Promise<void> => {
  let current: Watched | undefined
  const task = () => {
    current = make()
    return current.task
  }
  const check = ({ exit }: TestRun<string, unknown>) => current?.check(summary(exit))
  const swept = await sweepInterrupts(task, { check })
  expect(swept.steps).toBeGreaterThan(10)
}

/** Some operations, and a wait. */
const step: Task.Task<never, void> = pipe(
  steps(2),
  Task.flatMap(() => Task.sleep(5))
)

/** Some operations, and then a typed failure. */
const failing: Task.Task<string, void> = pipe(
  step,
  Task.flatMap(() => Task.fail('e'))
)

const isInterrupted = failure(Interrupt)

describe('a generator interrupted at every step (15)', () => {
  /** Polls three times, and asks again where that fails. */
  function* poll(log: Array<unknown>): Raw<string> {
    for (let polls = 0; polls < 3; ) {
      try {
        polls++
        yield* step
        yield* failing
      } catch (error) {
        log.push(error)
        yield* step
      }
    }
    log.push('end')
    return 'end'
  }
  const checked = (log: Array<unknown>) => (exit: Summary) => {
    const isInTime = log.includes('end')
    expect(exit).toEqual(isInTime ? success('end') : isInterrupted)
    expect(log.filter((entry) => entry !== 'e' && entry !== 'end')).toEqual([])
  }

  it('in a polling loop around a catch block ends, and the block receives typed failures only', async () => {
    await sweep(() => {
      const log: Array<unknown> = []
      return { task: Task.gen(() => poll(log)), check: checked(log) }
    })
  })

  it('in such a loop, within a delegate or a nested Task.gen, ends', async () => {
    for (const wrap of [(raw: () => Raw<string>) => raw(), (raw: () => Raw<string>) => Task.gen(raw)]) {
      await sweep(() => {
        const log: Array<unknown> = []
        const task = Task.gen(function* () {
          for (;;) {
            try {
              return yield* wrap(() => poll(log))
            } catch {
              log.push('caught around?')
            }
          }
        })
        return { task, check: checked(log) }
      })
    }
  })

  it('runs each finally block to its end, at each of four levels, and no code after it', async () => {
    await sweep(() => {
      const log: Array<string> = []
      /** Levels whose body has been left in peace: what is in their finally blocks is code like any other. */
      const peaceful = new Set<number>()
      const entered = new Set<number>()
      const say = (word: string) =>
        pipe(
          step,
          Task.map(() => void log.push(word))
        )
      function* level(n: number): Raw {
        yield* steps(1)
        entered.add(n)
        try {
          yield* say(`body ${n}`)
          if (n < 4) yield* level(n + 1)
          peaceful.add(n)
        } catch {
          log.push(`caught ${n}?`)
        } finally {
          yield* say(`${n}a`)
          yield* say(`${n}b`)
        }
        log.push(`behind ${n}`)
      }
      return {
        task: Task.gen(() => level(1)),
        check: (exit) => {
          expect(log.filter((word) => word.startsWith('caught'))).toEqual([])
          if ('value' in exit) return
          expect(exit).toEqual(isInterrupted)
          const unwound = [...entered].filter((n) => !peaceful.has(n)).sort((a, b) => b - a)
          const clean = unwound.flatMap((n) => [`${n}a`, `${n}b`])
          expect(log.slice(log.length - clean.length)).toEqual(clean)
          for (const n of unwound) expect(log).not.toContain(`behind ${n}`)
        }
      }
    })
  })

  it('by a defect is unwound as without the interruption, which follows it in the cause or is dropped', async () => {
    await sweep(() => {
      const log: Array<string> = []
      function* inner(): Raw {
        try {
          yield* step
          log.push('dies')
          yield* Task.die('bug')
        } catch {
          log.push('caught?')
        } finally {
          yield* step
          log.push('inner')
        }
      }
      const task = Task.gen(function* () {
        try {
          yield* inner()
        } finally {
          yield* step
          log.push('outer')
        }
      })
      return {
        task: pipe(task, Task.exit, Task.map(summary)),
        check: (exit) => {
          if (!log.includes('dies')) return expect(exit).toEqual(isInterrupted)
          expect(log).toEqual(['dies', 'inner', 'outer'])
          if ('value' in exit) return expect(exit).toEqual(success(failure(Die('bug'))))
          return expect([failure(Die('bug'), Interrupt), isInterrupted]).toContainEqual(exit)
        }
      }
    })
  })

  it('has no gap between a typed failure and its catch block', async () => {
    await sweep(() => {
      const log: Array<string> = []
      const fail = Task.suspend(() => {
        log.push('fails')
        return Task.fail('e')
      })
      const task = Task.gen(function* () {
        for (let i = 0; i < 3; i++) {
          try {
            yield* steps(3)
            yield* fail
          } catch {
            log.push('caught')
          }
          yield* step
        }
      })
      return {
        task,
        check: () => {
          const caught = log.filter((word) => word === 'caught').length
          expect(log).toEqual(Array.from({ length: caught }, () => ['fails', 'caught']).flat())
        }
      }
    })
  })

  it('runs cleanup in a region or a finalizer to its end, also if the block is reached by success', async () => {
    await sweep(() => {
      const log: Array<string> = []
      const clean = pipe(
        step,
        Task.flatMap(() => failing),
        Task.ensuring(Task.sync(() => void log.push('clean')))
      )
      const opened = Task.sync(() => void log.push('open'))
      const task = Task.gen(function* () {
        yield* Task.uninterruptibleMask((restore) =>
          Task.gen(function* () {
            yield* opened
            try {
              yield* restore(step)
            } finally {
              yield* Task.uninterruptible(pipe(clean, Task.either))
            }
          })
        )
        yield* pipe(
          opened,
          Task.flatMap(() => step),
          Task.ensuring(pipe(clean, Task.either))
        )
      })
      return {
        task,
        check: () => {
          const closed = log.filter((word) => word === 'clean').length
          const open = log.filter((word) => word === 'open').length
          // An interruption may come between `opened` and what it is protected by only in the second part.
          expect(open - closed).toBeLessThanOrEqual(open === 2 ? 1 : 0)
        }
      }
    })
  })
})

describe('a generator in every schedule (15)', () => {
  it('that catches failures of its items loses no item, and ends when it is interrupted', async () => {
    const ends = new Set<string>()
    const make = () =>
      inGroup(function* (group) {
        const queue = new Queue<number>()
        const done: Array<unknown> = []
        let closed = 0
        function* work(): Raw<never> {
          for (;;) {
            try {
              const item = yield* pipe(queue.get(), Task.orDie)
              done.push(item)
              yield* Task.fail(`no ${item}`)
            } catch (error) {
              done.push(error)
            }
          }
        }
        const worker = yield* group.spawn(
          Task.gen(function* () {
            try {
              yield* work()
            } finally {
              yield* steps(1)
              closed++
            }
          })
        )
        const puts = yield* group.spawn(
          pipe(
            queue.put(1),
            Task.flatMap(() => queue.put(2))
          )
        )
        yield* worker.interrupt()
        yield* puts.wait()
        const exit = worker.poll()
        const end = exit._tag === 'Some' && JSON.stringify([summary(exit.value), done, drain(queue), closed])
        return String(end)
      })
    const check = ({ exit }: TestRun<unknown, string>) => {
      const ended = summary(exit)
      ends.add('value' in ended ? String(ended.value) : JSON.stringify(ended))
    }
    const result = await explore(make, { check })
    expect(result.complete).toBe(true)
    const end = (done: ReadonlyArray<unknown>, rest: ReadonlyArray<number>) =>
      JSON.stringify([isInterrupted, done, rest, 1])
    // Where it ends between an item and its failure, that failure has not begun.
    expect([...ends].sort()).toEqual(
      [
        end([], [1, 2]),
        end([1], [2]),
        end([1, 'no 1'], [2]),
        end([1, 'no 1', 2], []),
        end([1, 'no 1', 2, 'no 2'], [])
      ].sort()
    )
  })

  it('that rethrows a failure fails its joining fiber once', async () => {
    const make = () =>
      inGroup(function* (group) {
        const child = yield* group.spawn(
          Task.gen(function* () {
            try {
              yield* pipe(
                steps(1),
                Task.flatMap(() => Task.fail('e'))
              )
            } catch (error) {
              yield* steps(1)
              throw error
            }
          })
        )
        try {
          yield* child.join()
          return 'not thrown'
        } catch (error) {
          yield* Task.yieldNow
          return `caught ${error}`
        }
      })
    const check = ({ exit }: TestRun<unknown, string>) => expect(summary(exit)).toEqual(success('caught e'))
    expect((await explore(make, { check })).complete).toBe(true)
  })

  it('that cleans up after a failed cleanup is unaffected by an interruption', async () => {
    const make = () =>
      inGroup(function* (group) {
        const log: Array<string> = []
        function* inner(): Raw {
          try {
            yield* Task.never
          } catch {
            log.push('caught?')
          } finally {
            yield* steps(1)
            yield* Task.fail('inner')
          }
        }
        const child = yield* group.spawn(
          Task.gen(function* () {
            try {
              yield* inner()
            } catch {
              log.push('caught?')
            } finally {
              yield* steps(1)
              log.push('outer')
            }
          })
        )
        yield* Task.all([child.interrupt(), child.interrupt()])
        const exit = child.poll()
        expect(exit._tag === 'Some' && summary(exit.value)).toEqual(failure(Interrupt, Fail('inner')))
        expect(log).toEqual(['outer'])
        return 'end'
      })
    expect((await explore(make)).complete).toBe(true)
  })
})
