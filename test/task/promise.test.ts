/** Promises, and the AbortSignal that goes with them; nothing of it outlives the run. */
import { getEventListeners } from 'node:events'
import { setImmediate as macrotask } from 'node:timers/promises'
import { runTaskExit, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, rightOf, success, summary } from '../support/exits.js'
import { runSummary } from '../support/kit.js'
import { Machine } from '../support/machine.js'

const unhandled: Array<unknown> = []
const note = (reason: unknown) => {
  unhandled.push(reason)
}
beforeAll(() => {
  process.on('unhandledRejection', note)
})
afterAll(() => {
  process.off('unhandledRejection', note)
})

interface Settler<A> {
  readonly promise: Promise<A>
  readonly resolve: (a: A) => void
  readonly reject: (reason: unknown) => void
}
const settler = <A>(): Settler<A> => {
  let resolve: (a: A) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<A>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

describe('promise and tryCatch (2)', () => {
  it('a resolved promise succeeds', async () => {
    expect(await runSummary(Task.promise(() => Promise.resolve(1)))).toEqual(success(1))
    expect(await runSummary(Task.tryCatch(() => Promise.resolve(1), String))).toEqual(success(1))
  })

  it('promise: a rejection is a defect with its reason', async () => {
    const reason = { why: 'rejected' }
    const exit = await runTaskExit(Task.promise(() => Promise.reject(reason)))
    expect(summary(exit)).toEqual(failure(Die(reason)))
  })

  it('tryCatch: a rejection and a throw are typed by onRejected', async () => {
    const onRejected = (reason: unknown) => `typed: ${String(reason)}`
    expect(await runSummary(Task.tryCatch(() => Promise.reject('r'), onRejected))).toEqual(
      failure(Fail('typed: r'))
    )
    expect(
      await runSummary(
        Task.tryCatch(() => {
          throw 't'
        }, onRejected)
      )
    ).toEqual(failure(Fail('typed: t')))
  })

  it('tryCatch takes a plain value of a sync function', async () => {
    expect(await runSummary(Task.tryCatch(() => JSON.parse('[1]'), String))).toEqual(success([1]))
    expect(await runSummary(Task.tryCatch(() => undefined, String))).toEqual(success(undefined))
  })

  it('any thenable counts, also if it calls back at once, twice, or both ways', async () => {
    const thenable = {
      then(yes: (a: number) => void, no: (reason: unknown) => void) {
        yes(1)
        yes(2)
        no('three')
      }
    } as PromiseLike<number>
    expect(await runSummary(Task.promise(() => thenable))).toEqual(success(1))
    expect(await runSummary(Task.tryCatch(() => thenable, String))).toEqual(success(1))
  })

  it('a thenable whose then throws is a rejection', async () => {
    const broken = {
      then() {
        throw 'then broke'
      }
    } as unknown as PromiseLike<number>
    expect(await runSummary(Task.promise(() => broken))).toEqual(failure(Die('then broke')))
    expect(await runSummary(Task.tryCatch(() => broken, String))).toEqual(failure(Fail('then broke')))
  })

  it('a value of a promise is not run, even if it is a Task', async () => {
    const inner = Task.fail('not run')
    const exit = await runTaskExit(Task.promise(() => Promise.resolve(inner)))
    expect(rightOf(exit) === inner).toBe(true)
  })
})

describe('the AbortSignal passed to user code (14)', () => {
  it.each([
    ['promise', (f: (signal: AbortSignal) => Promise<number>) => Task.promise((signal) => f(signal))],
    [
      'tryCatch',
      (f: (signal: AbortSignal) => Promise<number>) => Task.tryCatch((signal) => f(signal), String)
    ]
  ])('%s: the signal aborts when the fiber is interrupted, and not before', async (_name, make) => {
    const machine = new Machine()
    const signals: Array<AbortSignal> = []
    const fiber = machine.fork(
      make((signal) => {
        signals.push(signal)
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      })
    )
    await machine.settle()
    expect(signals).toHaveLength(1)
    expect(signals[0]).toBeInstanceOf(AbortSignal)
    expect(signals[0]?.aborted).toBe(false)
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(signals[0]?.aborted).toBe(true)
  })

  it('a promise that never settles does not block an interrupted fiber', async () => {
    const machine = new Machine()
    const fiber = machine.fork(Task.promise(() => new Promise<never>(() => {})))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    expect(fiber.poll()._tag).toBe('Some')
  })

  it('a promise that settles after the interruption has no effect', async () => {
    for (const end of ['resolve', 'reject'] as const) {
      const machine = new Machine()
      const { promise, ...settle } = settler<never>()
      const fiber = machine.fork(Task.promise(() => promise))
      await machine.settle()
      fiber.interruptNowait()
      await machine.settle()
      settle[end]('late' as never)
      await machine.settle()
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    }
    await macrotask()
    expect(unhandled).toEqual([])
  })

  it('in an uninterruptible region the signal does not abort and the result is kept (10)', async () => {
    const machine = new Machine()
    const { promise, resolve } = settler<number>()
    const signals: Array<AbortSignal> = []
    const fiber = machine.fork(
      Task.uninterruptible(
        Task.promise((signal) => {
          signals.push(signal)
          return promise
        })
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    expect(signals[0]?.aborted).toBe(false)
    resolve(6)
    expect(summary(await machine.finish(fiber))).toEqual(success(6))
  })

  it('Task.signal aborts when the running fiber is interrupted', async () => {
    const machine = new Machine()
    let signal: AbortSignal | undefined
    const fiber = machine.fork(
      pipe(
        Task.signal,
        Task.map((own) => {
          signal = own
        }),
        Task.flatMap(() => Task.never)
      )
    )
    await machine.settle()
    expect(signal?.aborted).toBe(false)
    fiber.interruptNowait()
    await machine.finish(fiber)
    expect(signal?.aborted).toBe(true)
  })

  it('Task.signal aborts before the cleanup of the current wait, which has its own signal', async () => {
    const machine = new Machine()
    const log: Array<boolean | undefined> = []
    const waits = (signal: AbortSignal) =>
      Task.async<never, never>(() =>
        pipe(
          Task.signal,
          Task.map((own) => void log.push(signal.aborted, own.aborted))
        )
      )
    const fiber = machine.fork(pipe(Task.signal, Task.flatMap(waits)))
    await machine.settle()
    fiber.interruptNowait()
    await machine.finish(fiber)
    expect(log).toEqual([true, false])
  })

  it('Task.signal does not abort when the fiber ends without interruption', async () => {
    const machine = new Machine()
    const fiber = machine.fork(Task.signal)
    const exit = await machine.finish(fiber)
    expect(rightOf(exit).aborted).toBe(false)
  })

  it('each fiber has its own signal', async () => {
    const machine = new Machine()
    const signals: Array<AbortSignal> = []
    const waits = pipe(
      Task.signal,
      Task.map((signal) => signals.push(signal)),
      Task.flatMap(() => Task.never)
    )
    const one = machine.fork(waits)
    const two = machine.fork(waits)
    await machine.settle()
    one.interruptNowait()
    await machine.finish(one)
    expect(signals.map((signal) => signal.aborted)).toEqual([true, false])
    two.interruptNowait()
    await machine.finish(two)
  })
})

describe('the AbortSignal given to a run (14)', () => {
  it('aborting interrupts, finalizers run, and the listener is removed', async () => {
    const machine = new Machine()
    const controller = new AbortController()
    let finalized = false
    const fiber = machine.fork(
      pipe(
        Task.never,
        Task.ensuring(
          Task.sync(() => {
            finalized = true
          })
        )
      ),
      { signal: controller.signal }
    )
    await machine.settle()
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1)
    controller.abort()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(finalized).toBe(true)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  it.each([
    ['success', Task.succeed(1)],
    ['failure', Task.fail('e')],
    ['defect', Task.die('d')],
    ['interruption', Task.interrupt],
    ['success after a wait', pipe(Task.sleep(10), Task.as(1))]
  ])('no listener remains after %s', async (_name, task: Task.Task<unknown, unknown>) => {
    const machine = new Machine()
    const controller = new AbortController()
    await machine.finish(machine.fork(task, { signal: controller.signal }))
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    controller.abort()
    await machine.settle()
  })

  it('a signal that has already aborted interrupts at the first checkpoint (8)', async () => {
    const machine = new Machine()
    const log: Array<string> = []
    const signal = AbortSignal.abort()
    const fiber = machine.fork(
      Task.gen(function* () {
        log.push('started')
        yield* Task.sleep(1)
        log.push('never')
      }),
      { signal }
    )
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(log).toEqual(['started'])
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  it('a thousand runs on one signal leave no listener and cause no warning', async () => {
    const warnings: Array<Error> = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const controller = new AbortController()
    for (let i = 0; i < 1000; i++) await runTaskExit(Task.yieldNow, { signal: controller.signal })
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    await macrotask()
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

describe('unhandled rejections', () => {
  it('none was raised by these tests (3)', async () => {
    await macrotask()
    await macrotask()
    expect(unhandled).toEqual([])
  })
})
