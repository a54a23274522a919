/** Functions whose bodies are generators. What a generator does is in gen.test.ts and the files beside it. */
import { Cause, dump, Queue, runSync, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const dies = (text: string) =>
  failure(Die(expect.objectContaining({ message: expect.stringContaining(text) })))

describe('Task.fn (1)', () => {
  it('runs its body with the arguments of the call, anew at each run', async () => {
    let runs = 0
    const add = Task.fn(function* (a: number, b: number) {
      runs++
      return (yield* Task.succeed(a)) + (yield* Task.delay(1)(Task.succeed(b)))
    })
    const three = add(1, 2)
    expect(runs).toBe(0)
    expect(await runSummary(three)).toEqual(success(3))
    expect(await runSummary(three)).toEqual(success(3))
    expect(await runSummary(add(5, 6))).toEqual(success(11))
    expect(runs).toBe(3)
  })

  it('calls itself, and other generic functions', () => {
    const wrap = Task.fn(function* <A>(value: A) {
      return [yield* Task.succeed(value)]
    })
    const factorial: (n: number) => Task.Task<never, number> = Task.fn('factorial', function* (n: number) {
      return n === 0 ? 1 : n * (yield* factorial(n - 1))
    })
    expect(runSync(pipe(factorial(10), Task.flatMap(wrap)))).toEqual({ _tag: 'Right', right: [3628800] })
  })

  it('shows its name in the trace of a failure, and that of each function around it', async () => {
    const read = Task.fn('read', function* (name: string) {
      return yield* Task.fail(`no ${name}`)
    })
    const load = Task.fn('load', function* (name: string) {
      return yield* read(name)
    })
    const machine = new Machine()
    const exit = await machine.finish(machine.fork(load('a')))
    expect(summary(exit)).toEqual(failure(Fail('no a')))
    expect(exit._tag === 'Left' && Cause.pretty(exit.left)).toMatch(/read[\s\S]*load/)
  })

  it('shows its name in a dump while it waits', () => {
    const machine = new Machine()
    const consume = Task.fn('consume', function* (queue: Queue<number>) {
      return yield* queue.get()
    })
    const fiber = machine.fork(consume(new Queue<number>()))
    machine.run()
    expect(dump()).toMatch(/consume/)
    fiber.interruptNowait()
    machine.run()
  })

  it('shows its name in the defect of a body that throws before its first yield', async () => {
    const broken = Task.fn('broken', function* (value: number = bad()) {
      return yield* Task.succeed(value)
    })
    const machine = new Machine()
    const exit = await machine.finish(machine.fork(broken()))
    expect(summary(exit)).toEqual(failure(Die('bad')))
    expect(exit._tag === 'Left' && Cause.pretty(exit.left)).toMatch(/broken/)
  })

  it('keeps the steps of Task.gen, with any budget', async () => {
    const steps = async (make: (queue: Queue<number>) => Task.Task<any, unknown>, yieldEvery: number) => {
      const machine = new Machine({ yieldEvery })
      const queue = new Queue<number>()
      const fiber = machine.fork(make(queue))
      queue.putNowait(1)
      const exit = await machine.finish(fiber)
      return [machine.turns, summary(exit)]
    }
    const body = function* (queue: Queue<number>) {
      return [yield* queue.get(), yield* Task.succeed(2), yield* Task.sync(() => 3)]
    }
    const named = Task.fn('named', body)
    for (const yieldEvery of [1, 2, 3, 2048]) {
      const expected = await steps((queue) => Task.gen(() => body(queue)), yieldEvery)
      expect(await steps(named, yieldEvery)).toEqual(expected)
      expect(await steps(Task.fn(body), yieldEvery)).toEqual(expected)
    }
  })

  it('refuses a body that is not a generator function, and a name that is not a string', async () => {
    expect(await runSummary(Task.fn(5 as never)())).toEqual(
      dies('Task.fn: expected a generator function, got 5')
    )
    expect(await runSummary(Task.fn((() => 5) as never)())).toEqual(
      dies('Task.fn: expected a generator function (function* () { ... }), got one that returns 5')
    )
    expect(await runSummary(Task.fn(5 as never, function* () {})())).toEqual(
      dies('Task.fn: expected a name and a generator function, got 5')
    )
    expect(await runSummary(Task.fn('name', undefined as never)())).toEqual(
      dies('Task.fn: expected a generator function, got undefined')
    )
  })
})

const bad = (): number => {
  throw 'bad'
}
