/** Programs that once lost something, said it twice, or hung. Each stays here as it was found. */
import { type Exit, type Group, Group as Groups, runSync, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, Interrupt, reasons, tell, value } from '../data/exits.js'
import { Machine } from '../runtime/machine.js'
import { runVirtual } from '../support/kit.js'

/** How `task` ends that is interrupted after 5 ms, and what the reporter heard. */
const interruptedAt5 = async <E, A>(task: Task.Task<E, A>) => {
  let exit: Exit.Exit<E, A> | undefined
  const run = await runVirtual(
    Task.gen(function* () {
      const group = yield* Groups.make<E>({ onFailure: () => undefined })
      const fiber = yield* group.spawn(task)
      yield* Task.sleep(5)
      exit = yield* fiber.interrupt()
      yield* group.asyncClose()
    })
  )
  if (exit === undefined) throw new Error('it has not ended')
  return { exit: tell(exit), reports: run.reports }
}

describe('a failure that was there before the interruption', () => {
  it('of a side of `all` is kept while the others stop (4)', async () => {
    const slow = Task.uninterruptible(Task.sleep(30))
    expect((await interruptedAt5(Task.all([Task.die('bug'), slow]))).exit).toEqual(
      reasons(Interrupt, Die('bug'))
    )
    const each = pipe(
      [Task.die('bug'), slow],
      Task.forEach((task) => task, { concurrency: 2 })
    )
    expect((await interruptedAt5(each)).exit).toEqual(reasons(Interrupt, Die('bug')))
  })

  it('does not become a handled time-out (2, 35)', async () => {
    const program = pipe(
      Task.all([Task.die('bug'), Task.uninterruptible(Task.sleep(30))]),
      Task.timeout(5),
      Task.either
    )
    const { exit } = await runVirtual(program)
    expect(exit._tag === 'Left' ? exit.left.reasons.map((reason) => reason._tag) : exit).toEqual([
      'Fail',
      'Die'
    ])
  })

  it('of a side of a race goes to the reporter (35)', async () => {
    const { reports } = await interruptedAt5(Task.raceAll([Task.die('bug'), Task.never]))
    expect(reports.map((cause) => cause.reasons[0]._tag)).toEqual(['Die'])
  })
})

describe('withGroup', () => {
  it('does not tell twice of a failure that the body joined (22)', async () => {
    const run = await runVirtual(
      Task.withGroup((group: Group<string>) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(pipe(Task.fail('x'), Task.delay(5)))
          return yield* fiber.join()
        })
      )
    )
    expect(tell(run.exit)).toEqual(reasons(Fail('x')))
    expect(run.reports).toEqual([])
  })
})

describe('forEach', () => {
  it('over an async generator that hangs can be interrupted (9)', async () => {
    let isReturned = false
    async function* hanging(): AsyncGenerator<number> {
      try {
        yield 1
        await new Promise(() => undefined)
      } finally {
        isReturned = true
      }
    }
    const run = await runVirtual(pipe(hanging(), Task.forEach(Task.succeed), Task.timeout(10), Task.either))
    expect(tell(run.exit)).toMatchObject({ value: { _tag: 'Left' } })
    expect(isReturned).toBe(false)
  })

  it('takes the characters of a string', async () => {
    const run = await runVirtual(pipe('abc', Task.forEach(Task.succeed)))
    expect(tell(run.exit)).toEqual(value(['a', 'b', 'c']))
  })
})

describe('a fiber that waits for its own group', () => {
  it('does not hold up its closing, also where the others are left to end by themselves (20, 21)', async () => {
    const run = await runVirtual(
      Task.gen(function* () {
        const group = yield* Groups.make()
        const fiber = yield* group.spawn(group.waitClosed())
        const racing = yield* group.spawn(pipe(group.waitClosed(), Task.race(Task.sleep(10))))
        yield* Task.yieldNow
        yield* group.asyncClose({ interrupt: false })
        return [(yield* fiber.wait())._tag, (yield* racing.wait())._tag]
      })
    )
    expect(tell(run.exit)).toEqual(value(['Left', 'Right']))
  })
})

describe('uncancellable', () => {
  it('that forgets does not forget what one around it owes (34)', async () => {
    const program = pipe(
      Task.sleep(20),
      Task.flatMap(() => pipe(Task.sleep(5), Task.uncancellable({ raiseCancel: false }))),
      Task.uncancellable(),
      Task.flatMap(() => Task.succeed('went on'))
    )
    expect((await interruptedAt5(program)).exit).toEqual(reasons(Interrupt))
  })
})

describe('a clean-up', () => {
  it('is not cut short by the interruption that it cleans up after, whatever it makes interruptible', async () => {
    let isDone = false
    const program = pipe(
      Task.never,
      Task.ensuring(
        pipe(
          Task.interruptible(Task.sleep(10)),
          Task.tap(() =>
            Task.sync(() => {
              isDone = true
            })
          )
        )
      )
    )
    expect((await interruptedAt5(program)).exit).toEqual(reasons(Interrupt))
    expect(isDone).toBe(true)
  })

  it('has a signal of its own, whether one was used before or not', async () => {
    for (const before of [Task.unit, Task.asUnit(Task.signal)]) {
      let isAborted: boolean | undefined
      const program = pipe(
        before,
        Task.flatMap(() => Task.never),
        Task.ensuring(
          pipe(
            Task.signal,
            Task.map((signal) => {
              isAborted = signal.aborted
            })
          )
        )
      )
      await interruptedAt5(program)
      expect(isAborted).toBe(false)
    }
  })
})

describe('mapError', () => {
  it('that throws leaves the other reasons where they are (4)', async () => {
    const run = await runVirtual(
      pipe(
        Task.fail('a'),
        Task.ensuring(Task.die('b')),
        Task.mapError(() => {
          throw 'c'
        })
      )
    )
    expect(tell(run.exit)).toEqual(reasons(Die('c'), Die('b')))
  })
})

describe('runSync', () => {
  it('comes back when its task is done, whatever it has left running', () => {
    const group = new Groups()
    expect(runSync(group.spawn(Task.forever(Task.yieldNow)))).toMatchObject({ _tag: 'Right' })
    group.close()
  })

  it('tells the reporter of what goes wrong in a task that it gave up', () => {
    const { runtime, reports } = new Machine()
    const program = pipe(Task.sleep(5), Task.ensuring(Task.die('bug')))
    expect(() => runtime.runSync(program)).toThrow(/sleep 5ms/)
    expect(reports.map((cause) => cause.reasons.map((reason) => reason._tag))).toEqual([['Interrupt', 'Die']])
  })
})
