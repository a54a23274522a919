/**
 * `Task.gen` on an engine that creates its own result objects in `yield*`, as JavaScriptCore does (Safari, Bun): it reads `value` of a
 * result that is not done, and passes on an object with that value. The specification passes on the result itself, as V8 does.
 *
 * All tests of generators, with generators that do the same.
 */
import { Task } from 'aio-ts'
import { describe, expect, it, vi } from 'vitest'
import { success } from '../support/exits.js'
import { runSummary } from '../support/kit.js'

type Steps = Generator<unknown, unknown, unknown>

const made = <A>(result: IteratorResult<unknown, A>): IteratorResult<unknown, A> =>
  result.done === true ? result : { value: result.value, done: false }

const remaking = (steps: Steps): object => ({
  next: (given: unknown) => made(steps.next(given)),
  throw: (thrown: unknown) => made(steps.throw(thrown)),
  return: (given: unknown) => made(steps.return(given)),
  [Symbol.iterator]() {
    return this
  }
})

vi.mock('aio-ts', async (importOriginal) => {
  const actual = await importOriginal<typeof import('aio-ts')>()
  const gen = (body: unknown): unknown =>
    actual.Task.gen((typeof body === 'function' ? () => remaking(body()) : body) as never)
  return { ...actual, Task: { ...actual.Task, gen } }
})

await import('./gen.test.js')
await import('./gen-at-once.test.js')
await import('./gen-failures.test.js')
await import('./gen-delegation.test.js')
await import('./gen-unwinding.test.js')
await import('./gen-sweep.test.js')

describe('an engine that creates its own result objects', () => {
  it('needs no stack for a million values without waits', async () => {
    const program = Task.gen(function* () {
      let sum = 0
      for (let i = 0; i < 1_000_000; i++) sum += yield* Task.succeed(1)
      return sum
    })
    // All in one turn.
    expect(await runSummary(program, { yieldEvery: 2_000_000 })).toEqual(success(1_000_000))
  })

  it('lets other fibers run between values without waits', async () => {
    let isOther = false
    const program = Task.all([
      Task.gen(function* () {
        let steps = 0
        while (!isOther && steps < 100_000) steps += yield* Task.succeed(1)
        return isOther
      }),
      Task.sync(() => {
        isOther = true
      })
    ])
    expect(await runSummary(program)).toEqual(success([true, undefined]))
  })
})
