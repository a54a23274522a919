/** `all`: shapes, order, limits, the first failure, and that every fiber has ended before it returns. */
import { Cause, dump, Task } from 'aio-ts'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, leftOf, rightOf, success, summary } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after } from '../support/tasks.js'

/** Counts how many run at the same time. */
class Gauge {
  running = 0
  most = 0
  started = 0
  around<E, A>(task: Task.Task<E, A>): Task.Task<E, A> {
    return Task.bracket(
      Task.sync(() => {
        this.started++
        this.running++
        this.most = Math.max(this.most, this.running)
      }),
      () => task,
      () => Task.sync(() => this.running--)
    )
  }
}

describe('all returns the shape of its input:', () => {
  it('a tuple, in its order whichever task ends first', async () => {
    const program = Task.all([after(30, Task.succeed('a')), after(10, Task.succeed(2)), Task.succeed(true)])
    const run = await runVirtual(program)
    expect(summary(run.exit)).toEqual(success(['a', 2, true]))
    expect(run.elapsed).toBe(30)
  })

  it('an array of any length, of one task too', async () => {
    const numbers = Array.from({ length: 1000 }, (_, i) => i)
    expect(await runSummary(Task.all(numbers.map((n) => after(1000 - n, Task.succeed(n)))))).toEqual(
      success(numbers)
    )
    expect(await runSummary(Task.all([Task.succeed(1)]))).toEqual(success([1]))
  })

  it('a record, with its keys in order', async () => {
    const { exit } = await runVirtual(
      Task.all({ z: after(5, Task.succeed(1)), a: Task.succeed(2), m: after(1, Task.succeed(3)) })
    )
    expect(summary(exit)).toEqual(success({ z: 1, a: 2, m: 3 }))
    expect(Object.keys(rightOf(exit))).toEqual(['z', 'a', 'm'])
  })

  it('an empty input gives an empty result', async () => {
    expect(await runSummary(Task.all([]))).toEqual(success([]))
    expect(await runSummary(Task.all({}))).toEqual(success({}))
    expect(await runSummary(Task.all([], { concurrency: 3 }))).toEqual(success([]))
  })

  it('the array is read when all runs, and is not changed', async () => {
    const tasks: ReadonlyArray<Task.Task<never, number>> = Object.freeze([Task.succeed(1), Task.succeed(2)])
    expect(await runSummary(Task.all(tasks))).toEqual(success([1, 2]))
    expect(tasks).toHaveLength(2)
  })
})

describe('the concurrency of all', () => {
  const measured = async (concurrency: number | 'unbounded' | undefined) => {
    const gauge = new Gauge()
    const tasks = Array.from({ length: 10 }, (_, i) => gauge.around(after(10, Task.succeed(i))))
    const run = await runVirtual(Task.all(tasks, concurrency === undefined ? {} : { concurrency }))
    expect(summary(run.exit)).toEqual(success([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    return { most: gauge.most, elapsed: run.elapsed }
  }

  it('is unbounded by default', async () => {
    expect(await measured(undefined)).toEqual({ most: 10, elapsed: 10 })
    expect(await measured('unbounded')).toEqual({ most: 10, elapsed: 10 })
  })

  it.each([
    [1, 100],
    [3, 40],
    [5, 20],
    [10, 10],
    [1000, 10]
  ])('runs %i tasks at a time', async (concurrency, elapsed) => {
    expect(await measured(concurrency)).toEqual({ most: Math.min(concurrency, 10), elapsed })
  })

  it('starts the next task when any task has ended, not in batches', async () => {
    const run = await runVirtual(
      Task.all(
        [100, 10, 10, 10, 10].map((ms) => Task.sleep(ms)),
        { concurrency: 2 }
      )
    )
    expect(run.elapsed).toBe(100)
  })

  it('applies to records', async () => {
    const gauge = new Gauge()
    const one = gauge.around(after(10, Task.unit))
    const run = await runVirtual(Task.all({ a: one, b: one, c: one }, { concurrency: 2 }))
    expect([gauge.most, run.elapsed]).toEqual([2, 20])
  })
})

describe('the first failure of all', () => {
  it('is the result of all, after the others have run their finalizers', async () => {
    const log: Array<string> = []
    const slowClean = (name: string) =>
      pipe(
        Task.never,
        Task.ensuring(
          after(
            50,
            Task.sync(() => log.push(name))
          )
        )
      )
    const run = await runVirtual(
      pipe(Task.all([slowClean('a'), after(10, Task.fail('e')), slowClean('b')]), Task.either)
    )
    expect(summary(run.exit)).toEqual(success(left('e')))
    expect(log.sort()).toEqual(['a', 'b'])
    expect(run.elapsed).toBe(60)
  })

  it('is seen by an outer typed handler', async () => {
    const program = pipe(
      Task.all([Task.never, after(1, Task.fail('e'))]),
      Task.orElse((e) => Task.succeed(`got ${e}`))
    )
    expect(await runSummary(program)).toEqual(success('got e'))
  })

  it('may be a defect', async () => {
    expect(await runSummary(Task.all([Task.never, after(1, Task.die('d'))]))).toEqual(failure(Die('d')))
  })

  it('prevents tasks that have not started from starting', async () => {
    const gauge = new Gauge()
    const tasks = [
      gauge.around(after(5, Task.fail('e'))),
      gauge.around(Task.never),
      gauge.around(Task.never),
      gauge.around(Task.unit)
    ]
    expect(await runSummary(Task.all(tasks, { concurrency: 2 }))).toEqual(failure(Fail('e')))
    expect([gauge.started, gauge.running]).toEqual([2, 0])
    gauge.started = 0
    expect(
      await runSummary(Task.all([Task.fail('first'), gauge.around(Task.unit)], { concurrency: 1 }))
    ).toEqual(failure(Fail('first')))
    expect(gauge.started).toBe(0)
  })

  it('precedes what the others fail with while being stopped (4)', async () => {
    const program = Task.all([
      pipe(Task.never, Task.ensuring(after(20, Task.fail('cleanup a')))),
      after(10, Task.fail('main')),
      pipe(Task.never, Task.ensuring(after(10, Task.die('cleanup c'))))
    ])
    const { exit, reports } = await runVirtual(program)
    const cause = leftOf(exit)
    expect(cause.reasons[0]).toMatchObject({ _tag: 'Fail', error: 'main' })
    expect(Cause.failures(cause)).toEqual(['main', 'cleanup a'])
    expect(Cause.defects(cause)).toEqual(['cleanup c'])
    expect(reports).toEqual([])
  })

  it('is followed by another failure in the same time slice (4)', async () => {
    const machine = new Machine()
    const resumes: Array<(task: Task.Task<string, never>) => void> = []
    const waiting = Task.async<string, never>((resume) => void resumes.push(resume))
    const fiber = machine.fork(Task.all([waiting, waiting]))
    await machine.settle()
    resumes[1]?.(Task.fail('second'))
    resumes[0]?.(Task.fail('first'))
    const exit = await machine.finish(fiber)
    expect([...Cause.failures(leftOf(exit))].sort()).toEqual(['first', 'second'])
  })

  it('stays the result if a sibling still succeeds, whose value is dropped', async () => {
    const program = Task.all([Task.uninterruptible(after(50, Task.succeed(1))), after(10, Task.fail('e'))])
    const run = await runVirtual(program)
    expect(summary(run.exit)).toEqual(failure(Fail('e')))
    expect(run.elapsed).toBe(50)
  })
})

describe('interruption of all from outside', () => {
  it('stops all fibers, waits for their finalizers, and leaves no fiber running', async () => {
    const machine = new Machine()
    const gauge = new Gauge()
    const member = (ms: number) => gauge.around(pipe(Task.never, Task.ensuring(Task.sleep(ms))))
    const fiber = machine.fork(Task.all([member(10), member(40), member(20)]), { name: 'the-whole' })
    await machine.settle()
    expect(gauge.running).toBe(3)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(machine.clock.now()).toBe(40)
    expect(gauge.running).toBe(0)
    expect(dump()).not.toContain('the-whole')
    expect(machine.leftovers()).toBe('')
  })

  it('is followed in the cause by what members fail with meanwhile (4)', async () => {
    const machine = new Machine()
    const fiber = machine.fork(Task.all([Task.never, pipe(Task.never, Task.ensuring(Task.die('cleanup')))]))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt, Die('cleanup')))
  })

  it('after a failure had stopped the fibers keeps that failure (4)', async () => {
    const machine = new Machine()
    const slow = pipe(Task.never, Task.ensuring(Task.sleep(50)))
    const fiber = machine.fork(Task.all([after(10, Task.fail('e')), slow]))
    await machine.pass(20)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt, Fail('e')))
  })

  it('starts no further task where concurrency is limited', async () => {
    const machine = new Machine()
    const gauge = new Gauge()
    const fiber = machine.fork(
      Task.all(
        Array.from({ length: 10 }, () => gauge.around(Task.never)),
        { concurrency: 3 }
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.finish(fiber)
    expect([gauge.started, gauge.running]).toEqual([3, 0])
  })
})
