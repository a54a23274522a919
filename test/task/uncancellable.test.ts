/** hat.aio's `uncancellable`, with and without raising the interruption afterwards. */
import { Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, lateResults, rightOf, success, summary } from '../support/exits.js'
import { interruptedAt5 } from '../support/interrupted.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after } from '../support/tasks.js'

/** Interrupts at 10, 20 and 30 ms; gives the exit and when it was there. */
const interrupted = async <E, A>(task: Task.Task<E, A>) => {
  const machine = new Machine()
  const fiber = machine.fork(task)
  for (let i = 0; i < 3; i++) {
    await machine.pass(10)
    fiber.interruptNowait()
  }
  const exit = await machine.finish(fiber)
  expect(machine.leftovers()).toBe('')
  return { exit, at: machine.clock.now() }
}

describe('uncancellable (34)', () => {
  it('without interruption returns the result or the failure', async () => {
    for (const options of [undefined, { raiseCancel: true }, { raiseCancel: false }] as const) {
      expect(await runSummary(pipe(after(5, Task.succeed(1)), Task.uncancellable(options)))).toEqual(
        success(1)
      )
      expect(await runSummary(pipe(after(5, Task.fail('e')), Task.uncancellable(options)))).toEqual(
        failure(Fail('e'))
      )
      expect(await runSummary(pipe(after(5, Task.die('d')), Task.uncancellable(options)))).toEqual(
        failure(Die('d'))
      )
    }
  })

  it('runs to its end through any number of interruptions, then the interruption wins over the result', async () => {
    let ended = false
    const work = after(
      100,
      Task.sync(() => {
        ended = true
        return 'result'
      })
    )
    const { exit, at } = await interrupted(pipe(work, Task.uncancellable()))
    expect(ended).toBe(true)
    expect(at).toBe(100)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('result')])
  })

  it('fails with the interruption, which has a failure in its result', async () => {
    const { exit } = await interrupted(
      pipe(after(100, Task.fail('e')), Task.uncancellable({ raiseCancel: true }))
    )
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([failure(Fail('e'))])
  })

  it('runs no operation after it, nor a handler', async () => {
    const log: Array<string> = []
    const say = (word: string) => Task.sync(() => void log.push(word))
    await interrupted(
      pipe(
        after(100, Task.unit),
        Task.uncancellable(),
        Task.flatMap(() => say('after'))
      )
    )
    await interrupted(
      pipe(
        after(100, Task.fail('e')),
        Task.uncancellable(),
        Task.orElse(() => say('orElse'))
      )
    )
    await interrupted(
      pipe(
        after(100, Task.fail('e')),
        Task.uncancellable(),
        Task.catchCause(() => say('catchCause'))
      )
    )
    await interrupted(pipe(after(100, Task.fail('e')), Task.uncancellable(), Task.ensuring(say('finalizer'))))
    expect(log).toEqual(['finalizer'])
  })

  it('without raising absorbs the interruption, and the fiber continues with the result', async () => {
    const program = Task.gen(function* () {
      const got = yield* pipe(after(100, Task.succeed('result')), Task.uncancellable({ raiseCancel: false }))
      yield* Task.sleep(50)
      return got
    })
    const { exit, at } = await interrupted(program)
    expect(summary(exit)).toEqual(success('result'))
    expect(at).toBe(150)
  })

  it('without raising may fail with an error that can be handled', async () => {
    const program = pipe(
      after(100, Task.fail('e')),
      Task.uncancellable({ raiseCancel: false }),
      Task.either,
      Task.tap(() => Task.yieldNow)
    )
    expect(summary((await interrupted(program)).exit)).toEqual(success(left('e')))
  })

  it('without raising does not absorb a later interruption', async () => {
    const machine = new Machine()
    const log: Array<string> = []
    const fiber = machine.fork(
      Task.gen(function* () {
        yield* pipe(Task.sleep(10), Task.uncancellable({ raiseCancel: false }))
        log.push('went on')
        yield* Task.sleep(10)
        log.push('never')
      })
    )
    await machine.pass(5)
    fiber.interruptNowait()
    await machine.pass(10)
    expect(log).toEqual(['went on'])
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['went on'])
  })

  it('makes the interrupting fiber wait for the end, and returns the exit to it (9)', async () => {
    const machine = new Machine()
    const target = machine.fork(
      pipe(after(100, Task.succeed('kept')), Task.uncancellable({ raiseCancel: false }))
    )
    await machine.settle()
    const interrupter = machine.fork(target.interrupt())
    const exit = await machine.finish(interrupter)
    expect(machine.clock.now()).toBe(100)
    expect(summary(rightOf(exit))).toEqual(success('kept'))
  })

  it('without raising, within a cleanup, does not absorb the interruption that started the cleanup', async () => {
    const log: Array<string> = []
    const say = (word: string) => Task.sync(() => void log.push(word))
    const cleanUp = Task.interruptible(pipe(say('cleaned up'), Task.uncancellable({ raiseCancel: false })))
    const seen = pipe(Task.interruptible(pipe(Task.never, Task.ensuring(cleanUp))), Task.exit)
    const { exit } = await interrupted(
      pipe(
        Task.uninterruptible(seen),
        Task.flatMap(() => say('never'))
      )
    )
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(log).toEqual(['cleaned up'])
  })

  it('hides the interruption from its task', async () => {
    const program = pipe(
      Task.gen(function* () {
        const seen = yield* pipe(Task.sleep(40), Task.exit)
        yield* Task.yieldNow
        return seen
      }),
      Task.uncancellable({ raiseCancel: false })
    )
    const { exit } = await interrupted(program)
    expect(exit).toEqual(right(right(undefined)))
  })
})

describe('uncancellable', () => {
  it('that absorbs does not absorb what an outer one has to raise (34)', async () => {
    const program = pipe(
      Task.sleep(20),
      Task.flatMap(() => pipe(Task.sleep(5), Task.uncancellable({ raiseCancel: false }))),
      Task.uncancellable(),
      Task.flatMap(() => Task.succeed('went on'))
    )
    expect((await interruptedAt5(program)).exit).toEqual(failure(Interrupt))
  })
})
