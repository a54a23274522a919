/** Which handler receives which kind of reason: typed failures, defects and interruptions never become one another. */
import { Cause, Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  causeSummary,
  Die,
  Fail,
  failure,
  Interrupt,
  leftOf,
  rightOf,
  success,
  summary
} from '../support/exits.js'
import { runSummary, runVirtual } from '../support/kit.js'

type Task2 = Task.Task<string, number>
const succeeds: Task2 = Task.succeed(1)
const fails: Task2 = Task.fail('e')
const dies: Task2 = Task.die('d')
/** An interruption that is somebody else's: that of a fiber which is joined. */
const foreign: Task2 = Task.suspend(() => Task.failCause(Cause.interrupt(99)))
/** Two typed failures, the second from cleaning up. */
const failsTwice: Task2 = pipe(fails, Task.ensuring(Task.fail('e2')))
const failsAndDies: Task2 = pipe(fails, Task.ensuring(Task.die('d2')))

describe('typed failures have handlers (2)', () => {
  it('orElse replaces a failure and receives the error', async () => {
    expect(
      await runSummary(
        pipe(
          fails,
          Task.orElse((e) => Task.succeed(`got ${e}`))
        )
      )
    ).toEqual(success('got e'))
    expect(
      await runSummary(
        pipe(
          fails,
          Task.orElse((e) => Task.fail(`${e}!`))
        )
      )
    ).toEqual(failure(Fail('e!')))
    expect(
      await runSummary(
        pipe(
          succeeds,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(success(1))
  })

  it('orElse receives neither defects nor interruption', async () => {
    expect(
      await runSummary(
        pipe(
          dies,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(failure(Die('d')))
    expect(
      await runSummary(
        pipe(
          foreign,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(failure(Interrupt))
    expect(
      await runSummary(
        pipe(
          Task.interrupt,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(failure(Interrupt))
  })

  it('a cause of several failures is a typed failure, and the handler receives the first', async () => {
    expect(
      await runSummary(
        pipe(
          failsTwice,
          Task.orElse((e) => Task.succeed(e))
        )
      )
    ).toEqual(success('e'))
    expect(await runSummary(pipe(failsTwice, Task.either))).toEqual(success(left('e')))
  })

  it('a failure beside a defect passes every typed handler (4)', async () => {
    const both = failure(Fail('e'), Die('d2'))
    expect(
      await runSummary(
        pipe(
          failsAndDies,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(both)
    expect(await runSummary(pipe(failsAndDies, Task.either))).toEqual(both)
    expect(
      await runSummary(
        pipe(
          failsAndDies,
          Task.getOrElse(() => 0)
        )
      )
    ).toEqual(both)
    expect(await runSummary(pipe(failsAndDies, Task.match(String, String)))).toEqual(both)
  })

  it('mapError changes only the error', async () => {
    expect(
      await runSummary(
        pipe(
          fails,
          Task.mapError((e) => e.length)
        )
      )
    ).toEqual(failure(Fail(1)))
    expect(
      await runSummary(
        pipe(
          succeeds,
          Task.mapError(() => 'no')
        )
      )
    ).toEqual(success(1))
    expect(
      await runSummary(
        pipe(
          dies,
          Task.mapError(() => 'no')
        )
      )
    ).toEqual(failure(Die('d')))
  })

  it('mapError keeps the reasons after the error (4)', async () => {
    expect(
      await runSummary(
        pipe(
          failsTwice,
          Task.mapError((e) => `<${e}>`)
        )
      )
    ).toEqual(failure(Fail('<e>'), Fail('<e2>')))
    const mixed = await runSummary(
      pipe(
        failsAndDies,
        Task.mapError((e) => `<${e}>`)
      )
    )
    expect(mixed).toEqual(failure(Fail('<e>'), Die('d2')))
  })

  it('mapBoth changes the error or the value', async () => {
    const both = Task.mapBoth(
      (e: string) => `${e}!`,
      (n: number) => n + 1
    )
    expect(await runSummary(pipe(succeeds, both))).toEqual(success(2))
    expect(await runSummary(pipe(fails, both))).toEqual(failure(Fail('e!')))
    expect(await runSummary(pipe(dies, both))).toEqual(failure(Die('d')))
  })

  it('tapError receives the error and does not change it', async () => {
    const seen: Array<string> = []
    const look = Task.tapError((e: string) => Task.sync(() => seen.push(e)))
    expect(await runSummary(pipe(fails, look))).toEqual(failure(Fail('e')))
    expect(await runSummary(pipe(succeeds, look))).toEqual(success(1))
    expect(await runSummary(pipe(dies, look))).toEqual(failure(Die('d')))
    expect(seen).toEqual(['e'])
  })

  it('match and matchTask handle both cases and pass defects', async () => {
    const arms = Task.match(
      (e: string) => `failed ${e}`,
      (n: number) => `gave ${n}`
    )
    expect(await runSummary(pipe(fails, arms))).toEqual(success('failed e'))
    expect(await runSummary(pipe(succeeds, arms))).toEqual(success('gave 1'))
    expect(await runSummary(pipe(dies, arms))).toEqual(failure(Die('d')))
    const tasks = Task.matchTask(
      (e: string) => Task.fail(`again ${e}`),
      (n: number) => Task.succeed(n * 10)
    )
    expect(await runSummary(pipe(fails, tasks))).toEqual(failure(Fail('again e')))
    expect(await runSummary(pipe(succeeds, tasks))).toEqual(success(10))
    expect(await runSummary(pipe(foreign, tasks))).toEqual(failure(Interrupt))
  })

  it('matchTask: a failure of the success branch does not reach the failure branch', async () => {
    let failureArm = 0
    const program = pipe(
      succeeds,
      Task.matchTask(
        () => Task.sync(() => failureArm++),
        () => Task.fail('from the success arm')
      )
    )
    expect(await runSummary(program)).toEqual(failure(Fail('from the success arm')))
    expect(failureArm).toBe(0)
  })

  it('getOrElse gives a value in place of a failure', async () => {
    expect(
      await runSummary(
        pipe(
          fails,
          Task.getOrElse((e) => `no ${e}`)
        )
      )
    ).toEqual(success('no e'))
    expect(
      await runSummary(
        pipe(
          succeeds,
          Task.getOrElse(() => 0)
        )
      )
    ).toEqual(success(1))
    expect(
      await runSummary(
        pipe(
          dies,
          Task.getOrElse(() => 0)
        )
      )
    ).toEqual(failure(Die('d')))
  })

  it('either returns a failure as a value', async () => {
    expect(await runSummary(pipe(fails, Task.either))).toEqual(success(left('e')))
    expect(await runSummary(pipe(succeeds, Task.either))).toEqual(success(right(1)))
    expect(await runSummary(pipe(dies, Task.either))).toEqual(failure(Die('d')))
    expect(await runSummary(pipe(foreign, Task.either))).toEqual(failure(Interrupt))
  })

  it('orDie turns a typed failure into a defect with that very error', async () => {
    const error = { _tag: 'Bad' as const }
    const { exit } = await runVirtual(pipe(Task.fail(error), Task.orDie))
    expect(summary(exit)).toEqual(failure(Die(error)))
    expect(Cause.defects(leftOf(exit))[0]).toBe(error)
    expect(await runSummary(pipe(succeeds, Task.orDie))).toEqual(success(1))
    expect(await runSummary(pipe(dies, Task.orDie))).toEqual(failure(Die('d')))
  })
})

describe('catchTag', () => {
  interface NotFound {
    readonly _tag: 'NotFound'
    readonly path: string
  }
  interface Denied {
    readonly _tag: 'Denied'
  }
  const notFound: Task.Task<NotFound | Denied, number> = Task.fail({ _tag: 'NotFound', path: '/a' })
  const denied: Task.Task<NotFound | Denied, number> = Task.fail({ _tag: 'Denied' })

  it('handles the member with that tag and leaves the others', async () => {
    const handled = (task: Task.Task<NotFound | Denied, number>): Task.Task<Denied, number | string> =>
      pipe(
        task,
        Task.catchTag('NotFound', (e) => Task.succeed(e.path))
      )
    expect(await runSummary(handled(notFound))).toEqual(success('/a'))
    expect(await runSummary(handled(denied))).toEqual(failure(Fail({ _tag: 'Denied' })))
    expect(await runSummary(handled(Task.die('d')))).toEqual(failure(Die('d')))
  })

  it('handlers in sequence handle every member', async () => {
    const program = (task: Task.Task<NotFound | Denied, number>) =>
      pipe(
        task,
        Task.catchTag('NotFound', () => Task.succeed('not found')),
        Task.catchTag('Denied', () => Task.succeed('denied'))
      )
    expect(await runSummary(program(notFound))).toEqual(success('not found'))
    expect(await runSummary(program(denied))).toEqual(success('denied'))
  })

  it('a failure of the handler is not handled by itself', async () => {
    let calls = 0
    const program = pipe(
      notFound,
      Task.catchTag('NotFound', () => {
        calls++
        return notFound
      })
    )
    expect(await runSummary(program)).toEqual(failure(Fail({ _tag: 'NotFound', path: '/a' })))
    expect(calls).toBe(1)
  })

  it('errors without a tag pass', async () => {
    for (const error of [undefined, null, 'text', 5]) {
      const untyped = Task.fail(error) as unknown as Task.Task<NotFound, never>
      expect(
        await runSummary(
          pipe(
            untyped,
            Task.catchTag('NotFound', () => Task.unit)
          )
        )
      ).toEqual(failure(Fail(error)))
    }
  })
})

describe('catchCause and exit receive failures and defects (2)', () => {
  it('catchCause receives the whole cause', async () => {
    const handle = Task.catchCause((cause: Cause.Cause<string>) => Task.succeed(causeSummary(cause)))
    expect(await runSummary(pipe(fails, handle))).toEqual(success(failure(Fail('e'))))
    expect(await runSummary(pipe(dies, handle))).toEqual(success(failure(Die('d'))))
    expect(await runSummary(pipe(failsAndDies, handle))).toEqual(success(failure(Fail('e'), Die('d2'))))
    expect(await runSummary(pipe(succeeds, handle))).toEqual(success(1))
  })

  it('catchCause and exit receive the interruption of another fiber (13)', async () => {
    expect(
      await runSummary(
        pipe(
          foreign,
          Task.catchCause((cause) => Task.succeed(Cause.isInterruptedOnly(cause)))
        )
      )
    ).toEqual(success(true))
    const { exit } = await runVirtual(pipe(foreign, Task.exit))
    expect(summary(rightOf(exit))).toEqual(failure(Interrupt))
  })

  it('exit gives the whole exit as a value', async () => {
    for (const task of [succeeds, fails, dies, failsAndDies]) {
      const { exit } = await runVirtual(pipe(task, Task.exit))
      expect(summary(rightOf(exit))).toEqual(await runSummary(task))
    }
  })

  it('a handler that fails: the new failure is the result', async () => {
    expect(
      await runSummary(
        pipe(
          dies,
          Task.catchCause(() => Task.fail('new'))
        )
      )
    ).toEqual(failure(Fail('new')))
  })

  it('failCause with the caught cause is the same failure again', async () => {
    const again = pipe(failsAndDies, Task.catchCause(Task.failCause))
    expect(await runSummary(again)).toEqual(failure(Fail('e'), Die('d2')))
  })

  it('a caught failure is not in the cause of later failures', async () => {
    const program = pipe(
      failsAndDies,
      Task.catchCause(() => Task.unit),
      Task.flatMap(() => Task.fail('later'))
    )
    expect(await runSummary(program)).toEqual(failure(Fail('later')))
  })

  it('an error caught during cleanup does not fail the fiber', async () => {
    const program = pipe(
      succeeds,
      Task.ensuring(
        pipe(
          Task.fail('while cleaning'),
          Task.orElse(() => Task.unit)
        )
      )
    )
    expect(await runSummary(program)).toEqual(success(1))
    expect(
      await runSummary(
        pipe(
          succeeds,
          Task.ensuring(Task.fail('x')),
          Task.orElse(() => Task.succeed(2))
        )
      )
    ).toEqual(success(2))
  })
})

describe('mapError', () => {
  it('that throws leaves the other reasons unchanged (4)', async () => {
    const run = await runVirtual(
      pipe(
        Task.fail('a'),
        Task.ensuring(Task.die('b')),
        Task.mapError(() => {
          throw 'c'
        })
      )
    )
    expect(summary(run.exit)).toEqual(failure(Die('c'), Die('b')))
  })
})
