/** Callback APIs: the callback counts once, whenever and however often it is called; the canceller runs once. */
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { runDefect, runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

type Resume<E, A> = (task: Task.Task<E, A>) => void

/** A callback API that the test holds in its hand. */
class Api<E, A> {
  registered = 0
  cancelled = 0
  resume: Resume<E, A> = () => {
    throw new Error('not registered yet')
  }
  readonly task: Task.Task<E, A> = Task.async<E, A>((resume) => {
    this.registered++
    this.resume = resume
    return Task.sync(() => {
      this.cancelled++
    })
  })
}

describe('resume of a callback API (7)', () => {
  it('resumes the fiber when called within register', async () => {
    let cancelled = 0
    const task = Task.async<never, number>((resume) => {
      resume(Task.succeed(1))
      return Task.sync(() => {
        cancelled++
      })
    })
    expect(await runSummary(task)).toEqual(success(1))
    expect(cancelled).toBe(0)
  })

  it('counts once when called twice within register', async () => {
    const task = Task.async<string, number>((resume) => {
      resume(Task.succeed(1))
      resume(Task.fail('second'))
    })
    expect(await runSummary(task)).toEqual(success(1))
  })

  it('counts once when called within register and again later', async () => {
    const machine = new Machine()
    let again: Resume<never, number> = () => {}
    let ends = 0
    const fiber = machine.fork(
      pipe(
        Task.async<never, number>((resume) => {
          again = resume
          resume(Task.succeed(1))
        }),
        Task.tap(() =>
          Task.sync(() => {
            ends++
          })
        ),
        Task.tap(() => Task.sleep(10))
      )
    )
    await machine.settle()
    again(Task.succeed(2))
    await machine.settle()
    // A second effect would have cut the sleep short.
    expect(fiber.status()).toEqual({ _tag: 'Waiting', on: 'sleep 10ms' })
    expect(summary(await machine.finish(fiber))).toEqual(success(1))
    expect(ends).toBe(1)
  })

  it('counts once when called twice in one time slice', async () => {
    const machine = new Machine()
    const api = new Api<string, number>()
    const fiber = machine.fork(api.task)
    await machine.settle()
    api.resume(Task.succeed(1))
    api.resume(Task.fail('late'))
    expect(summary(await machine.finish(fiber))).toEqual(success(1))
    expect(api.cancelled).toBe(0)
    api.resume(Task.succeed(3))
    await machine.settle()
    expect(summary(await machine.finish(fiber))).toEqual(success(1))
    expect(machine.leftovers()).toBe('')
  })

  it('does not run the fiber within the callback', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    let went = false
    machine.fork(
      pipe(
        api.task,
        Task.map(() => {
          went = true
        })
      )
    )
    await machine.settle()
    api.resume(Task.succeed(1))
    expect(went).toBe(false)
    await machine.settle()
    expect(went).toBe(true)
  })

  it('may be given a task, which is run: also a task that waits, fails or dies', async () => {
    const resumeWith = (task: Task.Task<string, number>) =>
      Task.async<string, number>((resume) => resume(task))
    expect(await runSummary(resumeWith(pipe(Task.sleep(5), Task.as(9))))).toEqual(success(9))
    expect(await runSummary(resumeWith(Task.fail('e')))).toEqual(failure(Fail('e')))
    expect(await runSummary(resumeWith(Task.die('d')))).toEqual(failure(Die('d')))
  })

  it('is a new function for each run, which registers anew', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    const first = machine.fork(api.task)
    await machine.settle()
    const resumeFirst = api.resume
    const second = machine.fork(api.task)
    await machine.settle()
    expect(api.registered).toBe(2)
    api.resume(Task.succeed(2))
    resumeFirst(Task.succeed(1))
    expect(summary(await machine.finish(first))).toEqual(success(1))
    expect(summary(await machine.finish(second))).toEqual(success(2))
  })
})

describe('interruption of a callback API (7)', () => {
  it('runs the canceller once, and a late callback has no effect', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    const fiber = machine.fork(api.task)
    await machine.settle()
    fiber.interruptNowait()
    fiber.interruptNowait()
    api.resume(Task.succeed(1))
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    api.resume(Task.succeed(2))
    await machine.settle()
    expect(api.cancelled).toBe(1)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
  })

  it('after resume in the same time slice: the operation is done, and nothing is cancelled (8)', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    const fiber = machine.fork(api.task)
    await machine.settle()
    api.resume(Task.succeed(1))
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success(1))
    expect(api.cancelled).toBe(0)
  })

  it('after resume in the same time slice: the steps up to the next wait still run (8)', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    const log: Array<unknown> = []
    const fiber = machine.fork(
      Task.gen(function* () {
        log.push(yield* api.task)
        log.push(yield* Task.succeed('plain'))
        yield* Task.sleep(10)
        log.push('never')
      })
    )
    await machine.settle()
    api.resume(Task.succeed(1))
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual([1, 'plain'])
    expect(machine.leftovers()).toBe('')
  })

  it('without a canceller ends the fiber, and the orphaned callback has no effect', async () => {
    const machine = new Machine()
    let late: Resume<never, number> = () => {}
    let went = 0
    const fiber = machine.fork(
      pipe(
        Task.async<never, number>((resume) => {
          late = resume
        }),
        Task.map(() => went++)
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    late(Task.succeed(1))
    await machine.settle()
    expect(went).toBe(0)
  })

  it('waits until a slow canceller has ended (9)', async () => {
    const machine = new Machine()
    let undone = false
    const fiber = machine.fork(
      Task.async<never, never>(() =>
        pipe(
          Task.sleep(50),
          Task.map(() => {
            undone = true
          })
        )
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.pass(49)
    expect(fiber.poll()._tag).toBe('None')
    await machine.pass(1)
    expect(undone).toBe(true)
    expect(fiber.poll()._tag).toBe('Some')
  })

  it('ignores a resume within the canceller', async () => {
    const machine = new Machine()
    let went = false
    const fiber = machine.fork(
      pipe(
        Task.async<never, void>((resume) => Task.sync(() => resume(Task.unit))),
        Task.map(() => {
          went = true
        })
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(went).toBe(false)
  })

  it('is followed in the cause by the defect of a canceller that dies (4)', async () => {
    const machine = new Machine()
    const fiber = machine.fork(Task.async<never, never>(() => Task.die('undo broke')))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt, Die('undo broke')))
  })

  it('before the first time slice: registers, suspends, and is cancelled (8)', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    const fiber = machine.fork(api.task)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(api.cancelled).toBe(api.registered)
  })

  it('within an uninterruptible region waits for the callback (10)', async () => {
    const machine = new Machine()
    const api = new Api<never, number>()
    const fiber = machine.fork(Task.uninterruptible(api.task))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    expect(fiber.poll()._tag).toBe('None')
    api.resume(Task.succeed(4))
    expect(summary(await machine.finish(fiber))).toEqual(success(4))
    expect(api.cancelled).toBe(0)
  })
})

describe('a register that fails (3)', () => {
  it('by a throw after resume: the throw is not lost', async () => {
    const task = Task.async<never, number>((resume) => {
      resume(Task.succeed(1))
      throw 'register broke'
    })
    expect(await runSummary(task)).toEqual(failure(Die('register broke')))
  })

  it('by a throw before a later callback: the callback has no effect', async () => {
    const machine = new Machine()
    let late: Resume<never, number> = () => {}
    const fiber = machine.fork(
      Task.async<never, number>((resume) => {
        late = resume
        throw 'register broke'
      })
    )
    expect(summary(await machine.finish(fiber))).toEqual(failure(Die('register broke')))
    late(Task.succeed(1))
    await machine.settle()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Die('register broke')))
  })

  it('by a resume with a value that is no Task: a defect that names the value (40)', async () => {
    const wrong = Task.async<never, number>((resume) => resume(42 as unknown as Task.Task<never, number>))
    const defect = await runDefect(wrong)
    expect(defect).toBeInstanceOf(TypeError)
    expect(String(defect)).toMatch(/42/)
    expect(String(defect)).toMatch(/Task/)
  })
})
