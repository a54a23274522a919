/** `interruptOnSignals` in a process that continues: one interruption, and the former listeners are restored. */
import { Cause, callOnCancel, runTaskExit, Task } from 'aio-ts'
import { interruptOnSignals } from 'aio-ts/node'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { Machine } from '../support/machine.js'
import { after } from '../support/tasks.js'

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const handlers = () => names.map((name) => process.listeners(name))

let heard: Array<string> = []
const own = names.map((name) => [name, () => void heard.push(name)] as const)
beforeEach(() => {
  heard = []
  for (const [name, handler] of own) process.on(name, handler)
})
afterEach(() => {
  for (const [name, handler] of own) process.off(name, handler)
})

describe('interruptOnSignals (39)', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s interrupts, finalizers run, then the listeners are restored',
    async (signal) => {
      const before = handlers()
      const machine = new Machine()
      let cleaned = false
      const fiber = machine.fork(
        pipe(
          Task.never,
          Task.ensuring(
            after(
              50,
              Task.sync(() => void (cleaned = true))
            )
          ),
          interruptOnSignals()
        )
      )
      await machine.settle()
      expect(handlers()).not.toEqual(before)
      process.emit(signal)
      await machine.pass(49)
      expect(fiber.poll()._tag).toBe('None')
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
      expect(cleaned).toBe(true)
      expect(handlers()).toEqual(before)
    }
  )

  it('interrupts once however many signals come', async () => {
    const machine = new Machine()
    const log: Array<string> = []
    const fiber = machine.fork(
      pipe(
        Task.gen(function* () {
          log.push(yield* callOnCancel(() => 'first'))
          yield* Task.sleep(50)
          log.push('went on')
          return 'done'
        }),
        interruptOnSignals()
      )
    )
    await machine.settle()
    process.emit('SIGINT')
    process.emit('SIGINT')
    process.emit('SIGTERM')
    await machine.pass(10)
    process.emit('SIGINT')
    await machine.pass(10)
    process.emit('SIGTERM')
    const exit = summary(await machine.finish(fiber))
    expect(log).toEqual(['first', 'went on'])
    expect(exit).toEqual(success('done'))
  })

  it.each([
    ['success', Task.succeed(1), success(1)],
    ['success after a wait', after(5, Task.succeed(1)), success(1)],
    ['failure', Task.fail('e'), failure(Fail('e'))],
    ['a defect', Task.die('d'), failure(Die('d'))]
  ] as const)(
    'leaves %s unchanged, and restores the listeners',
    async (_name, task: Task.Task<string, number>, expected) => {
      const before = handlers()
      const machine = new Machine()
      const exit = await machine.finish(machine.fork(pipe(task, interruptOnSignals())))
      expect(summary(exit)).toEqual(expected)
      expect(handlers()).toEqual(before)
      process.emit('SIGINT')
      expect(heard).toEqual(['SIGINT'])
    }
  )

  it('interrupted from within the program restores the listeners', async () => {
    const before = handlers()
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.never, interruptOnSignals()))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(handlers()).toEqual(before)
  })

  it('listens for the given signals, and no others', async () => {
    const before = handlers()
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.never, interruptOnSignals({ signals: ['SIGHUP'] })))
    await machine.settle()
    expect(process.listeners('SIGINT')).toEqual(before[0])
    expect(process.listeners('SIGTERM')).toEqual(before[1])
    process.emit('SIGHUP')
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(handlers()).toEqual(before)
  })

  it('listens for SIGINT and SIGTERM by default', async () => {
    const before = handlers()
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.never, interruptOnSignals()))
    await machine.settle()
    expect(process.listeners('SIGHUP')).toEqual(before[2])
    fiber.interruptNowait()
    await machine.finish(fiber)
  })

  it('registers nothing when it is built, and anew on each run (1)', async () => {
    const before = handlers()
    const task = pipe(Task.never, interruptOnSignals())
    expect(handlers()).toEqual(before)
    for (let i = 0; i < 2; i++) {
      const machine = new Machine()
      const fiber = machine.fork(task)
      await machine.settle()
      process.emit('SIGINT')
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
      expect(handlers()).toEqual(before)
    }
  })

  it('passes the interruption to surrounding code as an ordinary cause (13)', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(
        Task.never,
        interruptOnSignals(),
        Task.catchCause((cause) => Task.succeed(Cause.isInterruptedOnly(cause))),
        Task.tap(() => Task.sleep(10))
      )
    )
    await machine.settle()
    process.emit('SIGINT')
    expect(summary(await machine.finish(fiber))).toEqual(success(true))
  })

  it('within another: the inner one is interrupted, also if the signal comes twice', async () => {
    const machine = new Machine()
    const inner = pipe(Task.never, interruptOnSignals(), Task.exit)
    const rest = after(10, Task.succeed('went on'))
    const fiber = machine.fork(
      pipe(
        inner,
        Task.flatMap(() => rest),
        interruptOnSignals()
      )
    )
    await machine.settle()
    process.emit('SIGINT')
    process.emit('SIGINT')
    await machine.settle()
    process.emit('SIGINT')
    expect(summary(await machine.finish(fiber))).toEqual(success('went on'))
  })

  it('restores a listener that is called once as such', async () => {
    const once = () => void heard.push('once')
    process.once('SIGINT', once)
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.never, interruptOnSignals()))
    await machine.settle()
    process.emit('SIGINT')
    await machine.finish(fiber)
    expect(heard).toEqual([])
    process.emit('SIGINT')
    process.emit('SIGINT')
    expect(heard).toEqual(['SIGINT', 'once', 'SIGINT'])
  })

  it('also calls a listener that hides from the program, as that of tsx does', async () => {
    const hidden = () => void heard.push('hidden')
    process.on('SIGINT', hidden)
    const { listeners } = process
    const visible = (name: string): ReadonlyArray<unknown> =>
      Reflect.apply(listeners, process, [name]).filter((one: unknown) => one !== hidden)
    process.listeners = visible as unknown as typeof listeners
    try {
      const machine = new Machine()
      const fiber = machine.fork(pipe(Task.never, interruptOnSignals()))
      await machine.settle()
      process.emit('SIGINT')
      await machine.finish(fiber)
      expect(heard).toEqual(['hidden'])
    } finally {
      process.listeners = listeners
      process.off('SIGINT', hidden)
    }
  })

  it('listens for SIGBREAK on Windows by default', async () => {
    const platform = Object.getOwnPropertyDescriptor(process, 'platform')
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' })
    try {
      const machine = new Machine()
      const fiber = machine.fork(pipe(Task.never, interruptOnSignals()))
      await machine.settle()
      process.emit('SIGBREAK')
      expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    } finally {
      Object.defineProperty(process, 'platform', platform ?? {})
    }
  })

  it('overlapping with another that ends first leaves no listener behind', async () => {
    const before = handlers()
    const machine = new Machine()
    const first = machine.fork(pipe(Task.sleep(10), interruptOnSignals()))
    const second = machine.fork(pipe(Task.sleep(20), interruptOnSignals()))
    await machine.finish(first)
    await machine.finish(second)
    expect(handlers()).toEqual(before)
    process.emit('SIGINT')
    expect(heard).toEqual(['SIGINT'])
  })

  it('run a hundred times leaves no listener and causes no warning', async () => {
    const before = handlers()
    const warnings: Array<Error> = []
    const onWarning = (warning: Error) => void warnings.push(warning)
    process.on('warning', onWarning)
    await runTaskExit(Task.all(Array.from({ length: 100 }, () => pipe(Task.yieldNow, interruptOnSignals()))))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', onWarning)
    expect(handlers()).toEqual(before)
    expect(warnings).toEqual([])
  })
})
