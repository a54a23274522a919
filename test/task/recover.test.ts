/** Which handler receives which kind of reason: typed failures, defects and interruptions never become one another. */
import { Cause, Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, Interrupt, reasons, tell, tellCause, told, value } from '../data/exits.js'
import { runVirtual } from '../support/kit.js'

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
      await told(
        pipe(
          fails,
          Task.orElse((e) => Task.succeed(`got ${e}`))
        )
      )
    ).toEqual(value('got e'))
    expect(
      await told(
        pipe(
          fails,
          Task.orElse((e) => Task.fail(`${e}!`))
        )
      )
    ).toEqual(reasons(Fail('e!')))
    expect(
      await told(
        pipe(
          succeeds,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(value(1))
  })

  it('orElse receives neither defects nor interruption', async () => {
    expect(
      await told(
        pipe(
          dies,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(reasons(Die('d')))
    expect(
      await told(
        pipe(
          foreign,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(reasons(Interrupt))
    expect(
      await told(
        pipe(
          Task.interrupt,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(reasons(Interrupt))
  })

  it('a cause of several failures is a typed failure, and the handler receives the first', async () => {
    expect(
      await told(
        pipe(
          failsTwice,
          Task.orElse((e) => Task.succeed(e))
        )
      )
    ).toEqual(value('e'))
    expect(await told(pipe(failsTwice, Task.either))).toEqual(value(left('e')))
  })

  it('a failure beside a defect passes every typed handler (4)', async () => {
    const both = reasons(Fail('e'), Die('d2'))
    expect(
      await told(
        pipe(
          failsAndDies,
          Task.orElse(() => Task.succeed('no'))
        )
      )
    ).toEqual(both)
    expect(await told(pipe(failsAndDies, Task.either))).toEqual(both)
    expect(
      await told(
        pipe(
          failsAndDies,
          Task.getOrElse(() => 0)
        )
      )
    ).toEqual(both)
    expect(await told(pipe(failsAndDies, Task.match(String, String)))).toEqual(both)
  })

  it('mapError changes only the error', async () => {
    expect(
      await told(
        pipe(
          fails,
          Task.mapError((e) => e.length)
        )
      )
    ).toEqual(reasons(Fail(1)))
    expect(
      await told(
        pipe(
          succeeds,
          Task.mapError(() => 'no')
        )
      )
    ).toEqual(value(1))
    expect(
      await told(
        pipe(
          dies,
          Task.mapError(() => 'no')
        )
      )
    ).toEqual(reasons(Die('d')))
  })

  it('mapError keeps the reasons after the error (4)', async () => {
    expect(
      await told(
        pipe(
          failsTwice,
          Task.mapError((e) => `<${e}>`)
        )
      )
    ).toEqual(reasons(Fail('<e>'), Fail('<e2>')))
    const mixed = await told(
      pipe(
        failsAndDies,
        Task.mapError((e) => `<${e}>`)
      )
    )
    expect(mixed).toEqual(reasons(Fail('<e>'), Die('d2')))
  })

  it('mapBoth changes the error or the value', async () => {
    const both = Task.mapBoth(
      (e: string) => `${e}!`,
      (n: number) => n + 1
    )
    expect(await told(pipe(succeeds, both))).toEqual(value(2))
    expect(await told(pipe(fails, both))).toEqual(reasons(Fail('e!')))
    expect(await told(pipe(dies, both))).toEqual(reasons(Die('d')))
  })

  it('tapError receives the error and does not change it', async () => {
    const seen: Array<string> = []
    const look = Task.tapError((e: string) => Task.sync(() => seen.push(e)))
    expect(await told(pipe(fails, look))).toEqual(reasons(Fail('e')))
    expect(await told(pipe(succeeds, look))).toEqual(value(1))
    expect(await told(pipe(dies, look))).toEqual(reasons(Die('d')))
    expect(seen).toEqual(['e'])
  })

  it('match and matchTask handle both cases and pass defects', async () => {
    const arms = Task.match(
      (e: string) => `failed ${e}`,
      (n: number) => `gave ${n}`
    )
    expect(await told(pipe(fails, arms))).toEqual(value('failed e'))
    expect(await told(pipe(succeeds, arms))).toEqual(value('gave 1'))
    expect(await told(pipe(dies, arms))).toEqual(reasons(Die('d')))
    const tasks = Task.matchTask(
      (e: string) => Task.fail(`again ${e}`),
      (n: number) => Task.succeed(n * 10)
    )
    expect(await told(pipe(fails, tasks))).toEqual(reasons(Fail('again e')))
    expect(await told(pipe(succeeds, tasks))).toEqual(value(10))
    expect(await told(pipe(foreign, tasks))).toEqual(reasons(Interrupt))
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
    expect(await told(program)).toEqual(reasons(Fail('from the success arm')))
    expect(failureArm).toBe(0)
  })

  it('getOrElse gives a value in place of a failure', async () => {
    expect(
      await told(
        pipe(
          fails,
          Task.getOrElse((e) => `no ${e}`)
        )
      )
    ).toEqual(value('no e'))
    expect(
      await told(
        pipe(
          succeeds,
          Task.getOrElse(() => 0)
        )
      )
    ).toEqual(value(1))
    expect(
      await told(
        pipe(
          dies,
          Task.getOrElse(() => 0)
        )
      )
    ).toEqual(reasons(Die('d')))
  })

  it('either returns a failure as a value', async () => {
    expect(await told(pipe(fails, Task.either))).toEqual(value(left('e')))
    expect(await told(pipe(succeeds, Task.either))).toEqual(value(right(1)))
    expect(await told(pipe(dies, Task.either))).toEqual(reasons(Die('d')))
    expect(await told(pipe(foreign, Task.either))).toEqual(reasons(Interrupt))
  })

  it('orDie turns a typed failure into a defect with that very error', async () => {
    const error = { _tag: 'Bad' as const }
    const { exit } = await runVirtual(pipe(Task.fail(error), Task.orDie))
    expect(tell(exit)).toEqual(reasons(Die(error)))
    expect(exit._tag === 'Left' && Cause.defects(exit.left)[0] === error).toBe(true)
    expect(await told(pipe(succeeds, Task.orDie))).toEqual(value(1))
    expect(await told(pipe(dies, Task.orDie))).toEqual(reasons(Die('d')))
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
    expect(await told(handled(notFound))).toEqual(value('/a'))
    expect(await told(handled(denied))).toEqual(reasons(Fail({ _tag: 'Denied' })))
    expect(await told(handled(Task.die('d')))).toEqual(reasons(Die('d')))
  })

  it('handlers in sequence handle every member', async () => {
    const program = (task: Task.Task<NotFound | Denied, number>) =>
      pipe(
        task,
        Task.catchTag('NotFound', () => Task.succeed('not found')),
        Task.catchTag('Denied', () => Task.succeed('denied'))
      )
    expect(await told(program(notFound))).toEqual(value('not found'))
    expect(await told(program(denied))).toEqual(value('denied'))
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
    expect(await told(program)).toEqual(reasons(Fail({ _tag: 'NotFound', path: '/a' })))
    expect(calls).toBe(1)
  })

  it('errors without a tag pass', async () => {
    for (const error of [undefined, null, 'text', 5]) {
      const untyped = Task.fail(error) as unknown as Task.Task<NotFound, never>
      expect(
        await told(
          pipe(
            untyped,
            Task.catchTag('NotFound', () => Task.unit)
          )
        )
      ).toEqual(reasons(Fail(error)))
    }
  })
})

describe('catchCause and exit receive failures and defects (2)', () => {
  it('catchCause receives the whole cause', async () => {
    const handle = Task.catchCause((cause: Cause.Cause<string>) => Task.succeed(tellCause(cause)))
    expect(await told(pipe(fails, handle))).toEqual(value(reasons(Fail('e'))))
    expect(await told(pipe(dies, handle))).toEqual(value(reasons(Die('d'))))
    expect(await told(pipe(failsAndDies, handle))).toEqual(value(reasons(Fail('e'), Die('d2'))))
    expect(await told(pipe(succeeds, handle))).toEqual(value(1))
  })

  it('catchCause and exit receive the interruption of another fiber (13)', async () => {
    expect(
      await told(
        pipe(
          foreign,
          Task.catchCause((cause) => Task.succeed(Cause.isInterruptedOnly(cause)))
        )
      )
    ).toEqual(value(true))
    const { exit } = await runVirtual(pipe(foreign, Task.exit))
    expect(exit._tag === 'Right' && tell(exit.right)).toEqual(reasons(Interrupt))
  })

  it('exit gives the whole exit as a value', async () => {
    for (const task of [succeeds, fails, dies, failsAndDies]) {
      const { exit } = await runVirtual(pipe(task, Task.exit))
      expect(exit._tag === 'Right' && tell(exit.right)).toEqual(await told(task))
    }
  })

  it('a handler that fails: the new failure is the result', async () => {
    expect(
      await told(
        pipe(
          dies,
          Task.catchCause(() => Task.fail('new'))
        )
      )
    ).toEqual(reasons(Fail('new')))
  })

  it('failCause with the caught cause is the same failure again', async () => {
    const again = pipe(failsAndDies, Task.catchCause(Task.failCause))
    expect(await told(again)).toEqual(reasons(Fail('e'), Die('d2')))
  })

  it('a caught failure is not in the cause of later failures', async () => {
    const program = pipe(
      failsAndDies,
      Task.catchCause(() => Task.unit),
      Task.flatMap(() => Task.fail('later'))
    )
    expect(await told(program)).toEqual(reasons(Fail('later')))
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
    expect(await told(program)).toEqual(value(1))
    expect(
      await told(
        pipe(
          succeeds,
          Task.ensuring(Task.fail('x')),
          Task.orElse(() => Task.succeed(2))
        )
      )
    ).toEqual(value(2))
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
    expect(tell(run.exit)).toEqual(reasons(Die('c'), Die('b')))
  })
})
