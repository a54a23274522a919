/** Sequencing by the names and meanings of fp-ts. */
import { Task } from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, reasons, told, value } from '../data/exits.js'
import { runVirtual } from '../support/kit.js'

const fails: Task.Task<string, number> = Task.fail('e')
const after = <A>(ms: number, a: A): Task.Task<never, A> => pipe(Task.sleep(ms), Task.as(a))

describe('sequential operators', () => {
  it('map, as and asUnit change the value and pass a failure through', async () => {
    expect(
      await told(
        pipe(
          Task.succeed(2),
          Task.map((n) => n * 3)
        )
      )
    ).toEqual(value(6))
    expect(await told(pipe(Task.succeed(2), Task.as('x')))).toEqual(value('x'))
    expect(await told(pipe(Task.succeed(2), Task.asUnit))).toEqual(value(undefined))
    expect(
      await told(
        pipe(
          fails,
          Task.map((n) => n * 3)
        )
      )
    ).toEqual(reasons(Fail('e')))
    expect(await told(pipe(fails, Task.as('x')))).toEqual(reasons(Fail('e')))
    expect(await told(pipe(fails, Task.asUnit))).toEqual(reasons(Fail('e')))
  })

  it('flatMap continues with the result of the function, and stops at the first failure', async () => {
    const log: Array<number> = []
    const step = (n: number) =>
      Task.suspend(() => {
        log.push(n)
        return n === 3 ? Task.fail('three') : Task.succeed(n + 1)
      })
    expect(await told(pipe(step(1), Task.flatMap(step), Task.flatMap(step), Task.flatMap(step)))).toEqual(
      reasons(Fail('three'))
    )
    expect(log).toEqual([1, 2, 3])
  })

  it('flatten runs the task that a task returns', async () => {
    expect(await told(Task.flatten(Task.succeed(Task.succeed(7))))).toEqual(value(7))
    expect(await told(Task.flatten(Task.succeed(fails)))).toEqual(reasons(Fail('e')))
  })

  it('tap keeps the first value, but not when the tap fails', async () => {
    let seen = 0
    const look = Task.tap((n: number) => Task.sync(() => (seen = n)))
    expect(await told(pipe(Task.succeed(5), look))).toEqual(value(5))
    expect(seen).toBe(5)
    expect(
      await told(
        pipe(
          Task.succeed(5),
          Task.tap(() => fails)
        )
      )
    ).toEqual(reasons(Fail('e')))
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
    expect(await told(Task.forever(tick))).toEqual(reasons(Fail('enough')))
    expect(n).toBe(1000)
  })

  it('named changes only names', async () => {
    expect(await told(pipe(Task.succeed(1), Task.named('n')))).toEqual(value(1))
    expect(await told(pipe(fails, Task.named('n')))).toEqual(reasons(Fail('e')))
    expect(await told(pipe(Task.die('d'), Task.named('n')))).toEqual(reasons(Die('d')))
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
    expect(await told(program)).toEqual(value({ a: 1, b: 2, c: 3 }))
  })

  it('bindTo starts with a value', async () => {
    const program = pipe(
      Task.succeed(1),
      Task.bindTo('a'),
      Task.bind('b', ({ a }) => Task.succeed(a + 1))
    )
    expect(await told(program)).toEqual(value({ a: 1, b: 2 }))
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
    expect(await told(program)).toEqual(reasons(Fail('e')))
    expect(ran).toBe(false)
  })

  it('the earlier record is not changed', async () => {
    const start: { readonly a: number } = Object.freeze({ a: 1 })
    expect(
      await told(
        pipe(
          Task.succeed(start),
          Task.bind('b', () => Task.succeed(2))
        )
      )
    ).toEqual(value({ a: 1, b: 2 }))
    expect(start).toEqual({ a: 1 })
    expect(await told(Task.Do)).toEqual(value({}))
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
    expect(run.exit).toEqual(right({ a: 1, b: 2 }))
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
    expect(run.exit).toEqual(right(2))
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
    expect(failing.exit).toMatchObject({ left: { reasons: [{ _tag: 'Fail', error: 'e' }] } })
  })

  it('when and unless run the task or do nothing', async () => {
    let runs = 0
    const tick = Task.sync(() => {
      runs++
      return 'a value that is dropped'
    })
    expect(await told(pipe(tick, Task.when(true)))).toEqual(value(undefined))
    expect(runs).toBe(1)
    expect(await told(pipe(tick, Task.when(false)))).toEqual(value(undefined))
    expect(runs).toBe(1)
    expect(await told(pipe(tick, Task.unless(false)))).toEqual(value(undefined))
    expect(runs).toBe(2)
    expect(await told(pipe(tick, Task.unless(true)))).toEqual(value(undefined))
    expect(runs).toBe(2)
    expect(await told(pipe(fails, Task.when(true)))).toEqual(reasons(Fail('e')))
  })
})
