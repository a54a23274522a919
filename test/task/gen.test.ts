/** Generators: values through `yield*`. Unwinding is in gen-unwinding.test.ts. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Fail, failure, success } from '../support/exits.js'
import { runSummary } from '../support/kit.js'

describe('values through yield* (1)', () => {
  it('yield* returns the value, and return sets the result', async () => {
    const program = Task.gen(function* () {
      const a = yield* Task.succeed(1)
      const b = yield* pipe(Task.sleep(5), Task.as(a + 1))
      return [a, b] as const
    })
    expect(await runSummary(program)).toEqual(success([1, 2]))
    expect(await runSummary(program)).toEqual(success([1, 2]))
  })

  it('a bare yield returns the value too, though its type does not say so', async () => {
    const program = Task.gen(function* () {
      const a: number = yield Task.succeed(1)
      const b: number = yield pipe(Task.sleep(5), Task.as(a + 1))
      return [a, b, yield* Task.succeed(3)] as const
    })
    expect(await runSummary(program)).toEqual(success([1, 2, 3]))
  })

  it('a generator compiled for an older language version works, and is unwound', async () => {
    const log: Array<unknown> = []
    // As ES5 has it: an object with functions of its own, and no generator of the host's.
    const compiled = (second: Task.Task<string, unknown>) => {
      let step = 0
      const own = {
        next: (given: unknown) => {
          log.push(given)
          step++
          if (step === 1) return { done: false, value: Task.succeed('a') }
          return step === 2 ? { done: false, value: second } : { done: true, value: 'end' }
        },
        throw: (thrown: unknown) => {
          log.push('unwound')
          throw thrown
        },
        return: () => ({ done: true, value: undefined }),
        [Symbol.iterator]: () => own
      }
      return own as unknown as Generator<Task.Task<string, unknown>, string, unknown>
    }
    expect(await runSummary(Task.gen(() => compiled(Task.succeed('b'))))).toEqual(success('end'))
    expect(log).toEqual([undefined, 'a', 'b'])
    log.length = 0
    expect(await runSummary(Task.gen(() => compiled(Task.fail('e'))))).toEqual(failure(Fail('e')))
    expect(log).toEqual([undefined, 'a', 'unwound'])
  })

  it('a body without yields returns its result', async () => {
    expect(
      await runSummary(
        Task.gen(function* () {
          return 'at once'
        })
      )
    ).toEqual(success('at once'))
  })

  it('a returned Task is a value, it is not run', async () => {
    const inner = Task.fail('not run')
    expect(
      await runSummary(
        pipe(
          Task.gen(function* () {
            yield* Task.unit
            return inner
          }),
          Task.map((task) => task === inner)
        )
      )
    ).toEqual(success(true))
  })

  it('the same Task yielded many times runs each time', async () => {
    let n = 0
    const tick = Task.sync(() => ++n)
    expect(
      await runSummary(
        Task.gen(function* () {
          return [yield* tick, yield* tick, yield* tick]
        })
      )
    ).toEqual(success([1, 2, 3]))
  })

  it('the same Task yielded by two fibers alternately does not mix their values up', async () => {
    const shared = pipe(
      Task.yieldNow,
      Task.flatMap(() => Task.currentFiber),
      Task.map((fiber) => fiber.id)
    )
    const own = Task.gen(function* () {
      const me = yield* Task.currentFiber
      const seen: Array<boolean> = []
      for (let i = 0; i < 5; i++) seen.push((yield* shared) === me.id)
      return seen.every((same) => same)
    })
    expect(await runSummary(Task.all([own, own, own]), { yieldEvery: 1 })).toEqual(
      success([true, true, true])
    )
  })

  it('a delegated generator returns its value to the outer one', async () => {
    function* part(n: number): Generator<Task.Task<never, number>, number, any> {
      const a = yield* Task.succeed(n)
      return a * 2
    }
    expect(
      await runSummary(
        Task.gen(function* () {
          return (yield* part(1)) + (yield* part(2))
        })
      )
    ).toEqual(success(6))
  })
})
