/** The effect of an interruption on a pending promise, and what its settlement afterwards means (14, 35). */
import { getEventListeners } from 'node:events'
import { setImmediate as macrotask } from 'node:timers/promises'
import { dump, Group, Queue, runTaskExit, Task } from 'aio-ts'
import { isLeft } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Die, Fail, failure, Interrupt, lateResults, success, summary } from '../support/exits.js'
import { Machine } from '../support/machine.js'

const unhandled: Array<unknown> = []
const note = (reason: unknown) => {
  unhandled.push(reason)
}
const warn = vi.spyOn(console, 'warn')

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', note)
  warn.mockReset().mockImplementation(() => undefined)
})
afterEach(async () => {
  await macrotask()
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

/** A promise whose end is in the test's hand, and the signal that its function was given. */
class Work<A = string> {
  resolve: (a: A) => void = () => {}
  reject: (reason: unknown) => void = () => {}
  signal: AbortSignal | undefined
  readonly promise: Promise<A> = new Promise((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })

  readonly start = (signal: AbortSignal): Promise<A> => {
    this.signal = signal
    return this.promise
  }

  readonly startBlindly = (): Promise<A> => this.promise
}

type Options = Parameters<typeof Task.promise>[1]
type Make = (f: (signal: AbortSignal) => Promise<string>, options?: Options) => Task.Task<unknown, string>
const makers: ReadonlyArray<readonly [string, Make]> = [
  ['promise', (f, options) => Task.promise(f, options)],
  ['tryCatch', (f, options) => Task.tryCatch(f, (reason) => `typed: ${String(reason)}`, options)]
]

const waiting = { _tag: 'Waiting', on: 'promise (aborted, not settled)' }

describe.each(makers)('%s of a function that takes the signal', (name, make) => {
  it('an interruption aborts the signal, and waits until the promise has settled (14)', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.start), { name: 'loader' })
    await machine.settle()
    expect(fiber.status()).toEqual({ _tag: 'Waiting', on: 'promise' })
    expect(work.signal?.aborted).toBe(false)
    const stopping = machine.fork(fiber.interrupt())
    await machine.settle()
    expect(work.signal?.aborted).toBe(true)
    expect(fiber.status()).toEqual(waiting)
    expect(dump()).toMatch(/loader {2}\w+ {2}waits for promise \(aborted, not settled\)\n/)
    expect(stopping.poll()._tag).toBe('None')
    work.reject(work.signal?.reason)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(stopping.poll()._tag).toBe('Some')
    expect(machine.leftovers()).toBe('')
  })

  it('a second interruption has no effect', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.start))
    await machine.settle()
    for (let times = 0; times < 3; times++) {
      fiber.interruptNowait()
      await machine.settle()
    }
    expect(fiber.status()).toEqual(waiting)
    work.reject(work.signal?.reason)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
  })

  const isAbort: ReadonlyArray<readonly [string, (signal: AbortSignal | undefined) => unknown]> = [
    ['the reason of the signal', (signal) => signal?.reason],
    ['an AbortError', () => new DOMException('stopped', 'AbortError')],
    [
      "Node's AbortError",
      () => Object.assign(new Error('stopped'), { name: 'AbortError', code: 'ABORT_ERR' })
    ],
    [
      "axios's error",
      () => Object.assign(new Error('canceled'), { name: 'CanceledError', code: 'ERR_CANCELED' })
    ]
  ]
  it.each(isAbort)('a rejection with %s means that the abort has worked (14)', async (_what, reason) => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.start))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    work.reject(reason(work.signal))
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([])
    expect(machine.reports).toEqual([])
  })

  const failed = (reason: unknown) => (name === 'promise' ? Die(reason) : Fail(`typed: ${String(reason)}`))
  const isNoAbort: ReadonlyArray<readonly [string, unknown]> = [
    ['another error', new Error('no disk')],
    [
      'one that has an AbortError for its cause',
      new Error('x', { cause: new DOMException('', 'AbortError') })
    ],
    ['a string', 'no disk'],
    ['undefined', undefined],
    ['null', null],
    [
      'one whose name cannot be read',
      new Proxy(new Error('odd'), {
        get: (target, key) => {
          if (key === 'name') throw new Error('hidden')
          return Reflect.get(target, key)
        }
      })
    ]
  ]
  it.each(isNoAbort)('a rejection with %s is a late result (14)', async (_what, reason) => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make((signal) => work.start(signal)))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    work.reject(reason)
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    if (_what !== 'one whose name cannot be read')
      expect(lateResults(exit)).toEqual([failure(failed(reason))])
    else expect(lateResults(exit)).toHaveLength(1)
  })

  it('a value is a late result', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.start))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    work.resolve('the connection')
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('the connection')])
  })

  it('a late result is the result of a timed task (35)', async () => {
    const ends: ReadonlyArray<readonly [(work: Work) => void, unknown]> = [
      [(work) => work.resolve('late'), success('late')],
      [(work) => work.reject('no disk'), failure(failed('no disk'))]
    ]
    for (const [end, result] of ends) {
      const machine = new Machine()
      const work = new Work()
      const fiber = machine.fork(pipe(make(work.start), Task.timeout(10)))
      await machine.pass(10)
      expect(fiber.poll()._tag).toBe('None')
      end(work)
      expect(summary(await machine.finish(fiber))).toEqual(result)
    }
  })

  it('a late result is dropped if other operations would use it, or if it only reports the abort', async () => {
    const machine = new Machine()
    const [one, other] = [new Work(), new Work()]
    const timedOut = (task: Task.Task<unknown, string>) =>
      machine.fork(
        pipe(
          task,
          Task.timeout(10),
          Task.mapError((error) => String(error))
        )
      )
    const mapped = timedOut(
      pipe(
        make(one.start),
        Task.map((text) => `${text}!`)
      )
    )
    const aborted = timedOut(make(other.start))
    await machine.pass(10)
    one.resolve('late')
    other.reject(other.signal?.reason)
    for (const fiber of [mapped, aborted])
      expect(summary(await machine.finish(fiber))).toEqual(
        failure(Fail('TimeoutError: timed out after 10 ms'))
      )
  })

  it('a late result passes through nested timeouts, brackets and races', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(
      pipe(
        make(work.start),
        Task.ensuring(Task.sleep(5)),
        Task.race(Task.never),
        Task.timeout(100),
        Task.timeout(10)
      )
    )
    await machine.pass(10)
    work.resolve('late')
    expect(summary(await machine.finish(fiber))).toEqual(success('late'))
  })

  it('the exit of an interrupted timed task has the late result', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(pipe(make(work.start), Task.timeout(1000)))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    work.resolve('late')
    expect(lateResults(await machine.finish(fiber))).toEqual([success('late')])
  })

  it('finalizers run once the promise has settled', async () => {
    const machine = new Machine()
    const work = new Work()
    const log: Array<string> = []
    const fiber = machine.fork(
      pipe(
        make(async (signal) => {
          try {
            return await work.start(signal)
          } finally {
            log.push('closed')
          }
        }),
        Task.ensuring(Task.sync(() => void log.push('finalized')))
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    expect(log).toEqual([])
    work.reject(work.signal?.reason)
    await machine.finish(fiber)
    expect(log).toEqual(['closed', 'finalized'])
  })

  it('an interruption before the wait aborts at once and waits', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.start))
    fiber.interruptNowait()
    await machine.settle()
    expect(work.signal?.aborted).toBe(true)
    expect(fiber.status()).toEqual(waiting)
    work.resolve('late')
    expect(lateResults(await machine.finish(fiber))).toEqual([success('late')])
  })

  it('a promise that settles before the time slice of its fiber keeps its result', async () => {
    const machine = new Machine()
    for (const end of ['resolve', 'reject'] as const) {
      const work = new Work()
      const fiber = machine.fork(make(work.start))
      await machine.settle()
      fiber.interruptNowait()
      work[end]('late')
      await macrotask()
      const exit = await machine.finish(fiber)
      expect(summary(exit)).toEqual(failure(Interrupt))
      expect(lateResults(exit)).toEqual([end === 'resolve' ? success('late') : failure(failed('late'))])
      expect(machine.leftovers()).toBe('')
    }
  })

  it('a promise that has settled before the interruption keeps its ordinary result', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.start))
    await machine.settle()
    work.resolve('in time')
    await macrotask()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(success('in time'))
    expect(work.signal?.aborted).toBe(false)
  })

  it("with 'abandon' the interruption does not wait, and the settlement is ignored", async () => {
    for (const end of ['resolve', 'reject'] as const) {
      const machine = new Machine()
      const work = new Work()
      const fiber = machine.fork(make(work.start, { onInterrupt: 'abandon' }))
      await machine.settle()
      fiber.interruptNowait()
      await machine.settle()
      expect(fiber.poll()._tag).toBe('Some')
      expect(work.signal?.aborted).toBe(true)
      work[end]('late')
      const exit = await machine.finish(fiber)
      expect(summary(exit)).toEqual(failure(Interrupt))
      expect(lateResults(exit)).toEqual([])
      expect(machine.reports).toEqual([])
    }
  })

  it('a thenable that settles within the abort needs no further wait', async () => {
    const machine = new Machine()
    for (const [answer, result] of [
      [(yes: (text: string) => void) => yes('late'), [success('late')]],
      [(_yes: unknown, no: (reason: unknown) => void) => no('broken'), [failure(failed('broken'))]]
    ] as const) {
      const thenable = (signal: AbortSignal) =>
        ({
          then: (yes: (text: string) => void, no: (reason: unknown) => void) => {
            signal.addEventListener('abort', () => {
              answer(yes, no)
              yes('twice')
              no('twice')
            })
          }
        }) as unknown as Promise<string>
      const fiber = machine.fork(make(thenable))
      await machine.settle()
      fiber.interruptNowait()
      const exit = await machine.finish(fiber)
      expect(summary(exit)).toEqual(failure(Interrupt))
      expect(lateResults(exit)).toEqual(result)
      expect(machine.leftovers()).toBe('')
    }
  })

  it('in an uninterruptible region the signal does not abort', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(Task.uninterruptible(make(work.start)))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    expect([work.signal?.aborted, fiber.status()]).toEqual([false, { _tag: 'Waiting', on: 'promise' }])
    work.resolve('done')
    expect(summary(await machine.finish(fiber))).toEqual(success('done'))
  })
})

describe.each(makers)('%s of a function that takes no signal', (_name, make) => {
  it('is abandoned', async () => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(make(work.startBlindly))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    expect(fiber.poll()._tag).toBe('Some')
    work.reject('late')
    await macrotask()
    expect(machine.reports).toEqual([])
  })

  it("with 'wait' makes the interruption wait, and its settlement is a late result", async () => {
    const machine = new Machine()
    for (const end of ['resolve', 'reject'] as const) {
      const work = new Work()
      const fiber = machine.fork(make(work.startBlindly, { onInterrupt: 'wait' }))
      await machine.settle()
      fiber.interruptNowait()
      await machine.settle()
      expect(fiber.status()).toEqual(waiting)
      // Nothing has been aborted, so this is no consequence of it.
      const reason = new DOMException('elsewhere', 'AbortError')
      if (end === 'resolve') work.resolve('late')
      else work.reject(reason)
      const exit = await machine.finish(fiber)
      expect(summary(exit)).toEqual(failure(Interrupt))
      expect(lateResults(exit)).toHaveLength(1)
    }
  })
})

describe('onRejected', () => {
  const interrupted = async (onRejected: (reason: unknown) => string, reason: (work: Work) => unknown) => {
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(Task.tryCatch(work.start, onRejected))
    await machine.settle()
    fiber.interruptNowait()
    await machine.settle()
    work.reject(reason(work))
    return machine.finish(fiber)
  }

  it('that throws after the abort is a defect beside the interruption', async () => {
    const exit = await interrupted(
      () => {
        throw 'bug'
      },
      () => 'no disk'
    )
    expect(lateResults(exit)).toEqual([failure(Die('bug'))])
  })

  it('is not called for a rejection that only reports the abort', async () => {
    const onRejected = vi.fn(() => 'typed')
    await interrupted(onRejected, (work) => work.signal?.reason)
    expect(onRejected).not.toHaveBeenCalled()
  })
})

describe('a late result without a receiver', () => {
  it('that is a defect in a fiber of a closing group is reported like its other defects', async () => {
    const machine = new Machine()
    const work = new Work()
    const program = pipe(
      Group.make(),
      Task.flatMap((group) =>
        pipe(
          group.spawn(Task.promise(work.start)),
          Task.flatMap(() => Task.yieldNow),
          Task.flatMap(() => group.asyncClose())
        )
      )
    )
    const fiber = machine.fork(program)
    await machine.settle()
    expect(fiber.poll()._tag).toBe('None')
    work.reject('bug')
    expect(summary(await machine.finish(fiber))).toEqual(success(undefined))
    expect(machine.reports).toHaveLength(1)
  })

  it('in a closing group is waited for', async () => {
    const machine = new Machine()
    const works = [new Work(), new Work(), new Work()]
    const group = new Group()
    for (const work of works) group.spawnNowait(Task.promise(work.start))
    await macrotask()
    const closing = machine.fork(group.asyncClose())
    for (const work of works) {
      await machine.settle()
      expect(group.isClosed).toBe(false)
      work.reject(work.signal?.reason)
    }
    await machine.finish(closing)
    expect(group.isClosed).toBe(true)
  })
})

describe('the abort', () => {
  it('interrupts the fibers that its listeners interrupt at once (8, 31)', async () => {
    const machine = new Machine()
    const queue = new Queue<string>()
    const getter = machine.fork(queue.get())
    const fiber = machine.fork(
      Task.promise(
        (signal) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              getter.interruptNowait()
              queue.putNowait('item')
              reject(signal.reason)
            })
          })
      )
    )
    await machine.settle()
    fiber.interruptNowait()
    await machine.finish(fiber)
    expect(summary(await machine.finish(getter))).toEqual(failure(Interrupt))
    expect(queue.size).toBe(1)
  })

  it('leaves no listener on the signal of the run, nor a timer', async () => {
    const controller = new AbortController()
    const machine = new Machine()
    const work = new Work()
    const fiber = machine.fork(Task.promise(work.start), { signal: controller.signal })
    await machine.settle()
    controller.abort()
    await machine.settle()
    expect(work.signal?.aborted).toBe(true)
    work.reject(work.signal?.reason)
    await machine.finish(fiber)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    expect(machine.leftovers()).toBe('')
  })
})

describe('the warning', () => {
  const interruptAfter5s = async (
    task: Task.Task<unknown, unknown>,
    between: (machine: Machine) => unknown
  ) => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(task, Task.named('fetch user')), { name: 'loader' })
    await machine.settle()
    fiber.interruptNowait()
    await machine.pass(4999)
    expect(warn).not.toHaveBeenCalled()
    between(machine)
    await machine.settle()
    await machine.pass(1)
    return machine
  }

  it('is printed once, 5 s after the abort, and names the fiber and its wait', async () => {
    const work = new Work()
    const machine = await interruptAfter5s(Task.promise(work.start), () => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(warn.mock.calls[0]?.join(' ')).toMatch(
      /^aio-ts: fiber #\d+ loader was interrupted 5 s ago and still waits for promise \(aborted, not settled\): .*onInterrupt: 'abandon'/
    )
    await machine.pass(60_000)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(machine.reports).toEqual([])
    work.resolve('late')
    await machine.settle()
    expect(machine.leftovers()).toBe('')
  })

  it('is not printed if the promise has settled before', async () => {
    const work = new Work()
    const machine = await interruptAfter5s(Task.promise(work.start), () => work.resolve('late'))
    expect(warn).not.toHaveBeenCalled()
    expect(machine.leftovers()).toBe('')
  })

  it('is printed also for a function that takes no signal', async () => {
    const work = new Work()
    await interruptAfter5s(Task.promise(work.startBlindly, { onInterrupt: 'wait' }), () => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
    work.resolve('late')
  })

  it("with the host's clock it keeps no process alive", async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    try {
      const controller = new AbortController()
      const work = new Work()
      const exit = runTaskExit(Task.promise(work.start), { signal: controller.signal })
      await macrotask()
      controller.abort()
      await macrotask()
      expect(work.signal?.aborted).toBe(true)
      const made = timers.mock.calls.findIndex(([, ms]) => ms === 5000)
      const timer: unknown = timers.mock.results[made]?.value
      expect((timer as NodeJS.Timeout).hasRef()).toBe(false)
      work.reject(work.signal?.reason)
      expect(summary(await exit)).toEqual(failure(Interrupt))
    } finally {
      timers.mockRestore()
    }
  })
})

describe('onInterrupt', () => {
  it.each(['stop', null, 5, {}])('%s is a defect that says what was expected', async (wrong) => {
    const options = { onInterrupt: wrong } as unknown as Options
    for (const [name, make] of makers) {
      const exit = await runTaskExit(make(async () => 'x', options))
      expect(JSON.stringify(summary(exit))).toContain('Die')
      const [reason] = isLeft(exit) ? exit.left.reasons : []
      expect(String(reason?._tag === 'Die' && reason.defect)).toMatch(
        new RegExp(`Task\\.${name}: expected onInterrupt to be 'wait' or 'abandon', got`)
      )
    }
  })
})
