/** Sequencing by the names and meanings of fp-ts. */
import { Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, success, summary } from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'

const fails: Task.Task<string, number> = Task.fail('e')
const after = <A>(ms: number, a: A): Task.Task<never, A> => pipe(Task.sleep(ms), Task.as(a))

describe('sequential operators', () => {
  it('map, as and asUnit change the value and pass a failure through', async () => {
    expect(
      await runSummary(
        pipe(
          Task.succeed(2),
          Task.map((n) => n * 3)
        )
      )
    ).toEqual(success(6))
    expect(await runSummary(pipe(Task.succeed(2), Task.as('x')))).toEqual(success('x'))
    expect(await runSummary(pipe(Task.succeed(2), Task.asUnit))).toEqual(success(undefined))
    expect(
      await runSummary(
        pipe(
          fails,
          Task.map((n) => n * 3)
        )
      )
    ).toEqual(failure(Fail('e')))
    expect(await runSummary(pipe(fails, Task.as('x')))).toEqual(failure(Fail('e')))
    expect(await runSummary(pipe(fails, Task.asUnit))).toEqual(failure(Fail('e')))
  })

  it('flatMap continues with the result of the function, and stops at the first failure', async () => {
    const log: Array<number> = []
    const step = (n: number) =>
      Task.suspend(() => {
        log.push(n)
        return n === 3 ? Task.fail('three') : Task.succeed(n + 1)
      })
    expect(
      await runSummary(pipe(step(1), Task.flatMap(step), Task.flatMap(step), Task.flatMap(step)))
    ).toEqual(failure(Fail('three')))
    expect(log).toEqual([1, 2, 3])
  })

  it('flatten runs the task that a task returns', async () => {
    expect(await runSummary(Task.flatten(Task.succeed(Task.succeed(7))))).toEqual(success(7))
    expect(await runSummary(Task.flatten(Task.succeed(fails)))).toEqual(failure(Fail('e')))
  })

  it('tap keeps the first value, but not when the tap fails', async () => {
    let seen = 0
    const look = Task.tap((n: number) => Task.sync(() => (seen = n)))
    expect(await runSummary(pipe(Task.succeed(5), look))).toEqual(success(5))
    expect(seen).toBe(5)
    expect(
      await runSummary(
        pipe(
          Task.succeed(5),
          Task.tap(() => fails)
        )
      )
    ).toEqual(failure(Fail('e')))
  })

  it('delay waits first', async () => {
    let at = -1
    const run = await runVirtual(
      pipe(
        Task.sync(() => {
          at = 1
        }),
        Task.delay(40)
      )
    )
    expect(run.elapsed).toBe(40)
    expect(at).toBe(1)
  })

  it('forever repeats until something fails', async () => {
    let n = 0
    const tick = Task.suspend(() => (++n === 1000 ? Task.fail('enough') : Task.unit))
    expect(await runSummary(Task.forever(tick))).toEqual(failure(Fail('enough')))
    expect(n).toBe(1000)
  })

  it('named changes only names', async () => {
    expect(await runSummary(pipe(Task.succeed(1), Task.named('n')))).toEqual(success(1))
    expect(await runSummary(pipe(fails, Task.named('n')))).toEqual(failure(Fail('e')))
    expect(await runSummary(pipe(Task.die('d'), Task.named('n')))).toEqual(failure(Die('d')))
  })
})

describe('Do notation', () => {
  it('bind and let build a record, and each function receives the record so far', async () => {
    const program = pipe(
      Task.Do,
      Task.bind('a', () => Task.succeed(1)),
      Task.bind('b', ({ a }) => Task.succeed(a + 1)),
      Task.let('c', ({ a, b }) => a + b),
      Task.map((record) => record)
    )
    expect(await runSummary(program)).toEqual(success({ a: 1, b: 2, c: 3 }))
  })

  it('bindTo starts with a value', async () => {
    const program = pipe(
      Task.succeed(1),
      Task.bindTo('a'),
      Task.bind('b', ({ a }) => Task.succeed(a + 1))
    )
    expect(await runSummary(program)).toEqual(success({ a: 1, b: 2 }))
  })

  it('a failing bind stops the sequence', async () => {
    let ran = false
    const program = pipe(
      Task.Do,
      Task.bind('a', () => fails),
      Task.bind('b', () =>
        Task.sync(() => {
          ran = true
        })
      )
    )
    expect(await runSummary(program)).toEqual(failure(Fail('e')))
    expect(ran).toBe(false)
  })

  it('the earlier record is not changed', async () => {
    const start: { readonly a: number } = Object.freeze({ a: 1 })
    expect(
      await runSummary(
        pipe(
          Task.succeed(start),
          Task.bind('b', () => Task.succeed(2))
        )
      )
    ).toEqual(success({ a: 1, b: 2 }))
    expect(start).toEqual({ a: 1 })
    expect(await runSummary(Task.Do)).toEqual(success({}))
  })

  it('a field called __proto__ or constructor is a field', async () => {
    const { exit } = await runVirtual(
      pipe(
        Task.Do,
        Task.bind('constructor', () => Task.succeed(1))
      )
    )
    expect(exit).toEqual(right({ constructor: 1 }))
  })

  it('apS adds an independent value, concurrently', async () => {
    const run = await runVirtual(pipe(Task.Do, Task.apS('a', after(30, 1)), Task.apS('b', after(30, 2))))
    expect(summary(run.exit)).toEqual(success({ a: 1, b: 2 }))
    expect(run.elapsed).toBe(30)
  })
})

describe('concurrent operators', () => {
  it('ap applies, with both sides at the same time', async () => {
    const run = await runVirtual(
      pipe(
        after(30, (n: number) => n + 1),
        Task.ap(after(20, 1))
      )
    )
    expect(summary(run.exit)).toEqual(success(2))
    expect(run.elapsed).toBe(30)
  })

  it('zip returns both values, runs both at the same time, and stops the other when one fails', async () => {
    const both = await runVirtual(pipe(after(30, 'left'), Task.zip(after(20, 'right'))))
    expect(both.exit).toEqual(right(['left', 'right']))
    expect(both.elapsed).toBe(30)
    const failing = await runVirtual(
      pipe(
        after(1000, 'left'),
        Task.zip(
          pipe(
            Task.sleep(5),
            Task.flatMap(() => fails)
          )
        )
      )
    )
    expect(failing.elapsed).toBe(5)
    expect(summary(failing.exit)).toMatchObject(failure(Fail('e')))
  })

  it('when and unless run the task or do nothing', async () => {
    let runs = 0
    const tick = Task.sync(() => {
      runs++
      return 'a value that is dropped'
    })
    expect(await runSummary(pipe(tick, Task.when(true)))).toEqual(success(undefined))
    expect(runs).toBe(1)
    expect(await runSummary(pipe(tick, Task.when(false)))).toEqual(success(undefined))
    expect(runs).toBe(1)
    expect(await runSummary(pipe(tick, Task.unless(false)))).toEqual(success(undefined))
    expect(runs).toBe(2)
    expect(await runSummary(pipe(tick, Task.unless(true)))).toEqual(success(undefined))
    expect(runs).toBe(2)
    expect(await runSummary(pipe(fails, Task.when(true)))).toEqual(failure(Fail('e')))
  })
})
