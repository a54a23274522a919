/** hat.aio's functions: call, callOnCancel, callOnDone, first. */
import { call, callOnCancel, callOnDone, first, Group, Queue, Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { none, some } from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after } from '../support/tasks.js'

describe('call', () => {
  it('calls the function with its arguments when it is run, not when it is built', async () => {
    const calls: Array<ReadonlyArray<unknown>> = []
    const add = (a: number, b: number) => {
      calls.push([a, b])
      return a + b
    }
    const task = call(add, 1, 2)
    expect(calls).toEqual([])
    expect(await runSummary(task)).toEqual(success(3))
    expect(await runSummary(task)).toEqual(success(3))
    expect(calls).toEqual([
      [1, 2],
      [1, 2]
    ])
  })

  it('waits for a promise, and runs a Task', async () => {
    expect(await runSummary(call(async (n: number) => n * 2, 4))).toEqual(success(8))
    expect(await runSummary(call((n: number) => after(5, Task.succeed(n * 2)), 4))).toEqual(success(8))
    expect(await runSummary(call((e: string) => Task.fail(e), 'typed'))).toEqual(failure(Fail('typed')))
  })

  it('makes a throw and a rejection defects (3)', async () => {
    expect(
      await runSummary(
        call(() => {
          throw 'thrown'
        })
      )
    ).toEqual(failure(Die('thrown')))
    expect(await runSummary(call(() => Promise.reject('rejected')))).toEqual(failure(Die('rejected')))
  })
})

describe('callOnCancel (36)', () => {
  it('waits for the interruption, then calls the function and succeeds with its result', async () => {
    const machine = new Machine()
    const calls: Array<unknown> = []
    const fiber = machine.fork(
      callOnCancel(
        (a: string, b: number) => {
          calls.push([a, b])
          return 'result'
        },
        'a',
        1
      )
    )
    await machine.pass(1000)
    expect(calls).toEqual([])
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success('result'))
    expect(calls).toEqual([['a', 1]])
  })

  it('waits for a promise and runs a Task, masked', async () => {
    for (const fn of [async () => 'done', () => after(50, Task.succeed('done'))]) {
      const machine = new Machine()
      const fiber = machine.fork<never, string>(callOnCancel<[], unknown>(fn) as Task.Task<never, string>)
      await machine.settle()
      fiber.interruptNowait()
      for (let i = 0; i < 3; i++) {
        await machine.pass(5)
        fiber.interruptNowait()
      }
      expect(summary(await machine.finish(fiber))).toEqual(success('done'))
    }
  })

  it('absorbs the interruption: the fiber continues, a later interruption is delivered (12)', async () => {
    const machine = new Machine()
    const log: Array<string> = []
    const fiber = machine.fork(
      Task.gen(function* () {
        log.push(yield* callOnCancel(() => 'called'))
        yield* Task.sleep(10)
        log.push('slept')
        yield* Task.sleep(10)
        log.push('never')
      })
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.pass(15)
    expect(log).toEqual(['called', 'slept'])
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['called', 'slept'])
  })

  it('fails or dies if the function throws or its Task fails', async () => {
    const run = async <E, A>(task: Task.Task<E, A>) => {
      const machine = new Machine()
      const fiber = machine.fork(task)
      await machine.settle()
      fiber.interruptNowait()
      return summary(await machine.finish(fiber))
    }
    expect(await run(callOnCancel(() => Task.fail('e')))).toEqual(failure(Fail('e')))
    const thrown = await run(
      callOnCancel(() => {
        throw 'bug'
      })
    )
    expect('reasons' in thrown && thrown.reasons).toContainEqual(Die('bug'))
  })

  it('calls the function while the group is closing and before it is closed', async () => {
    const seen: Array<unknown> = []
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(
        callOnCancel(() =>
          after(
            10,
            Task.sync(() => seen.push([group.isClosing, group.isClosed]))
          )
        )
      )
      yield* Task.sleep(100)
      yield* group.asyncClose()
      seen.push([group.isClosing, group.isClosed])
    })
    expect(await runSummary(program)).toEqual(success(undefined))
    expect(seen).toEqual([
      [true, false],
      [true, true]
    ])
  })

  it('calls the function also if the group was closed at once', async () => {
    const seen: Array<unknown> = []
    const program = Task.gen(function* () {
      const group = yield* Group.make()
      yield* group.spawn(callOnCancel(() => seen.push([group.isClosing, group.isClosed])))
      yield* group.asyncClose()
    })
    expect(await runSummary(program)).toEqual(success(undefined))
    expect(seen).toEqual([[true, false]])
  })

  it('interrupted before its first time slice calls the function', async () => {
    const machine = new Machine()
    const fiber = machine.fork(callOnCancel(() => 'called'))
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success('called'))
  })
})

describe('callOnDone (36)', () => {
  it.each([
    ['success', after(5, Task.succeed(1))],
    ['failure', after(5, Task.fail('e'))],
    ['a defect', after(5, Task.die('d'))],
    ['success at once', Task.succeed(1)]
  ])(
    'calls the function after %s and succeeds with its result',
    async (_name, task: Task.Task<unknown, unknown>) => {
      expect(await runSummary(callOnDone(task, (word: string) => `${word}!`, 'called'))).toEqual(
        success('called!')
      )
    }
  )

  it('runs a Task or waits for a promise that the function returns', async () => {
    expect(await runSummary(callOnDone(Task.unit, () => after(5, Task.succeed('later'))))).toEqual(
      success('later')
    )
    expect(await runSummary(callOnDone(Task.unit, async () => 'promised'))).toEqual(success('promised'))
    expect(await runSummary(callOnDone(Task.unit, () => Task.fail('e')))).toEqual(failure(Fail('e')))
  })

  it('does not call the function if the awaited task was interrupted', async () => {
    let called = false
    const exit = await runSummary(callOnDone(Task.interrupt, () => void (called = true)))
    expect(called).toBe(false)
    expect(exit).toEqual(failure(Interrupt))
  })

  it('interrupted early interrupts the awaited task, waits for it, and does not call the function', async () => {
    const machine = new Machine()
    let called = false
    let cleaned = false
    const awaited = pipe(
      Task.never,
      Task.ensuring(
        after(
          40,
          Task.sync(() => void (cleaned = true))
        )
      )
    )
    const fiber = machine.fork(callOnDone(awaited, () => void (called = true)))
    await machine.pass(10)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect([called, cleaned, machine.clock.now()]).toEqual([false, true, 50])
  })
})

describe('first', () => {
  const source = (log: Array<string>, count: number): AsyncIterable<number> => ({
    [Symbol.asyncIterator]: () => {
      let n = 0
      return {
        next: async () => {
          log.push('next')
          return n < count ? { done: false, value: n++ } : { done: true, value: undefined }
        },
        return: async () => {
          log.push('return')
          return { done: true, value: undefined }
        }
      }
    }
  })

  it('returns the first item, or the first that the predicate accepts, and takes no more', async () => {
    const log: Array<string> = []
    expect(await runSummary(first(source(log, 5)))).toEqual(success(some(0)))
    expect(log).toEqual(['next', 'return'])
    log.length = 0
    expect(await runSummary(first(source(log, 5), (n) => n === 2))).toEqual(success(some(2)))
    expect(log).toEqual(['next', 'next', 'next', 'return'])
  })

  it('returns none at the end, and does not call return() of an iterator that has ended', async () => {
    const log: Array<string> = []
    expect(await runSummary(first(source(log, 2), () => false))).toEqual(success(none))
    expect(log).toEqual(['next', 'next', 'next'])
    expect(await runSummary(first(source([], 0)))).toEqual(success(none))
  })

  it('accepts undefined as an item', async () => {
    async function* one(): AsyncGenerator<undefined> {
      yield undefined
    }
    expect(await runSummary(first(one()))).toEqual(success(some(undefined)))
  })

  it('leaves the other items in a queue, open (33)', async () => {
    const queue = new Queue<number>()
    for (const n of [1, 2, 3, 4]) queue.putNowait(n)
    expect(await runSummary(first(queue, (n) => n === 2))).toEqual(success(some(2)))
    expect([queue.size, queue.isClosed]).toEqual([2, false])
    expect(queue.getNowait()).toEqual(right(3))
  })

  it('returns none for a queue that is closed while empty', async () => {
    const queue = new Queue<number>()
    const program = Task.all([
      first(queue),
      after(
        5,
        Task.sync(() => queue.close())
      )
    ])
    expect(await runSummary(program)).toEqual(success([none, undefined]))
  })

  it('interrupted while it waits takes no item from a queue (31)', async () => {
    const machine = new Machine()
    const queue = new Queue<number>()
    const fiber = machine.fork(first(queue))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    queue.putNowait(1)
    await machine.settle()
    expect(queue.size).toBe(1)
  })

  it('interrupted while it waits for an iterator calls its return()', async () => {
    const machine = new Machine()
    let returned = 0
    const stuck: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned++
          return { done: true, value: undefined }
        }
      })
    }
    const fiber = machine.fork(first(stuck))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(returned).toBe(1)
  })

  it('dies of a predicate that throws, and calls return() of the iterator (3)', async () => {
    const log: Array<string> = []
    const boom = () => {
      throw 'bug'
    }
    expect(await runSummary(first(source(log, 5), boom))).toEqual(failure(Die('bug')))
    expect(log).toEqual(['next', 'return'])
  })

  it('can be run again over an iterable that can be iterated again', async () => {
    const task = first(source([], 3))
    const twice = await runVirtual(Task.all([task, task]))
    expect(summary(twice.exit)).toEqual(success([some(0), some(0)]))
  })
})
