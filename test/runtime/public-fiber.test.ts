/** The methods of a fiber: join, wait, interrupt, poll, status; and the dump of all running fibers. */
import { Deferred, dump, type Fiber, Queue, Task } from 'aio-ts'
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { none, some } from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, reasonsOf, rightOf, success, summary } from '../support/exits.js'
import { runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after } from '../support/tasks.js'

describe('join and wait', () => {
  it('join returns the value or the error, before and after the end, any number of times', async () => {
    const machine = new Machine()
    const good = machine.fork(after(10, Task.succeed(1)))
    const bad = machine.fork(after(10, Task.fail('e')))
    const dead = machine.fork(after(10, Task.die('d')))
    const early = [good, bad, dead].map((fiber: Fiber<string, number>) => machine.fork(fiber.join()))
    for (const fiber of early) await machine.finish(fiber)
    const late = [good, bad, dead].map((fiber: Fiber<string, number>) => machine.fork(fiber.join()))
    for (const fiber of late) await machine.finish(fiber)
    const expected = [success(1), failure(Fail('e')), failure(Die('d'))]
    const polled = (fibers: ReadonlyArray<Fiber<string, number>>) =>
      fibers.map((fiber) => {
        const exit = fiber.poll()
        return exit._tag === 'Some' ? summary(exit.value) : 'running'
      })
    expect(polled(early)).toEqual(expected)
    expect(polled(late)).toEqual(expected)
  })

  it('wait returns the exit and never fails', async () => {
    const machine = new Machine()
    for (const [task, expected] of [
      [after(5, Task.succeed(1)), success(1)],
      [after(5, Task.fail('e')), failure(Fail('e'))],
      [Task.die('d'), failure(Die('d'))],
      [Task.interrupt, failure(Interrupt)]
    ] as const) {
      const fiber: Fiber<string, number> = machine.fork<string, number>(task)
      const exit = await machine.finish(machine.fork(fiber.wait()))
      expect(summary(rightOf(exit))).toEqual(expected)
    }
  })

  it('interrupting a joining or waiting fiber leaves the fiber running (25)', async () => {
    const machine = new Machine()
    const target = machine.fork(after(100, Task.succeed('kept')))
    const joiner = machine.fork(target.join())
    const waiter = machine.fork(target.wait())
    await machine.pass(10)
    joiner.interruptNowait()
    waiter.interruptNowait()
    await machine.settle()
    expect([joiner.poll()._tag, waiter.poll()._tag, target.poll()._tag]).toEqual(['Some', 'Some', 'None'])
    expect(summary(await machine.finish(target))).toEqual(success('kept'))
  })

  it('every waiter is woken once (2)', async () => {
    const machine = new Machine()
    const target = machine.fork(after(10, Task.succeed({})))
    let tells = 0
    const waiters = Array.from({ length: 100 }, () =>
      machine.fork(
        pipe(
          target.join(),
          Task.tap(() => Task.sync(() => tells++))
        )
      )
    )
    for (const waiter of waiters) await machine.finish(waiter)
    expect(tells).toBe(100)
    const values = waiters.map((waiter) => waiter.poll())
    expect(
      new Set(values.map((exit) => (exit._tag === 'Some' && isRight(exit.value) ? exit.value.right : none)))
        .size
    ).toBe(1)
  })

  it('a join of the own fiber is a defect that says so, not a deadlock (40)', async () => {
    const machine = new Machine()
    const own = <E, A>(look: (me: Fiber<unknown, unknown>) => Task.Task<E, A>) =>
      machine.finish(machine.fork(pipe(Task.currentFiber, Task.flatMap(look)), { name: 'loader' }))
    for (const exit of [await own((me) => me.join()), await own((me) => me.wait())])
      expect(summary(exit)).toEqual(
        failure(
          Die(
            expect.objectContaining({
              message: expect.stringMatching(
                /^fiber #\d+ loader waits for its own end, which can never come$/
              )
            })
          )
        )
      )
  })

  it('a join is a Task and can be run again', async () => {
    const machine = new Machine()
    const target = machine.fork(after(10, Task.succeed(1)))
    const join = target.join()
    expect(summary(await machine.finish(machine.fork(Task.all([join, join]))))).toEqual(success([1, 1]))
  })
})

describe('interrupt (9)', () => {
  it('returns only after every finalizer has run, however slow, with the exit', async () => {
    const machine = new Machine()
    const log: Array<string> = []
    const slow = (ms: number, word: string) =>
      after(
        ms,
        Task.sync(() => log.push(word))
      )
    const target = machine.fork(
      pipe(Task.never, Task.ensuring(slow(300, 'first')), Task.ensuring(slow(400, 'second')))
    )
    await machine.settle()
    const interrupter = machine.fork(
      pipe(
        target.interrupt(),
        Task.tap(() => Task.sync(() => log.push('came back')))
      )
    )
    const exit = await machine.finish(interrupter)
    expect(log).toEqual(['first', 'second', 'came back'])
    expect(machine.clock.now()).toBe(700)
    expect(summary(rightOf(exit))).toEqual(failure(Interrupt))
  })

  it('by two fibers makes both wait; a finalizer runs once', async () => {
    const machine = new Machine()
    let runs = 0
    const target = machine.fork(
      pipe(
        Task.never,
        Task.ensuring(
          after(
            100,
            Task.sync(() => runs++)
          )
        )
      )
    )
    await machine.settle()
    const first = machine.fork(target.interrupt())
    await machine.pass(50)
    const second = machine.fork(target.interrupt())
    await machine.pass(49)
    expect([first.poll()._tag, second.poll()._tag]).toEqual(['None', 'None'])
    await machine.finish(first)
    await machine.finish(second)
    expect(machine.clock.now()).toBe(100)
    expect(runs).toBe(1)
  })

  it('by two fibers names the first in the cause', async () => {
    const machine = new Machine()
    const target = machine.fork(
      pipe(
        Task.uninterruptible(Task.sleep(10)),
        Task.flatMap(() => Task.never)
      )
    )
    await machine.settle()
    const first = machine.fork(target.interrupt())
    await machine.settle()
    machine.fork(target.interrupt())
    const exit = await machine.finish(target)
    expect(reasonsOf(exit)).toEqual([{ _tag: 'Interrupt', by: some(first.id), result: none }])
  })

  it('of a fiber that has ended returns its exit at once', async () => {
    const machine = new Machine()
    const target = machine.fork(Task.succeed(1))
    await machine.finish(target)
    const exit = await machine.finish(machine.fork(target.interrupt()))
    expect(summary(rightOf(exit))).toEqual(success(1))
    target.interruptNowait()
    await machine.settle()
    expect(summary(await machine.finish(target))).toEqual(success(1))
  })

  it('of a fiber that ends in the same time slice returns its value', async () => {
    const machine = new Machine()
    let resume: (task: Task.Task<never, number>) => void = () => {}
    const target = machine.fork(
      Task.async<never, number>((callback) => {
        resume = callback
      })
    )
    await machine.settle()
    const interrupter = machine.fork(target.interrupt())
    resume(Task.succeed(8))
    const exit = await machine.finish(interrupter)
    expect(summary(rightOf(exit))).toEqual(success(8))
  })

  it('that is interrupted itself still ends the fiber', async () => {
    const machine = new Machine()
    let cleaned = false
    const target = machine.fork(
      pipe(
        Task.never,
        Task.ensuring(
          after(
            100,
            Task.sync(() => {
              cleaned = true
            })
          )
        )
      )
    )
    await machine.settle()
    const interrupter = machine.fork(target.interrupt())
    await machine.pass(10)
    interrupter.interruptNowait()
    await machine.settle()
    expect(interrupter.poll()._tag).toBe('Some')
    expect(summary(await machine.finish(target))).toEqual(failure(Interrupt))
    expect(cleaned).toBe(true)
  })

  it('of the own fiber interrupts it at that wait', async () => {
    const { exit } = await runVirtual(
      pipe(
        Task.currentFiber,
        Task.flatMap((me) => me.interrupt())
      )
    )
    expect(summary(exit)).toEqual(failure(Interrupt))
  })

  it('of the own fiber in an uninterruptible region is a defect, not a deadlock (21)', async () => {
    const { exit } = await runVirtual(
      Task.uninterruptible(
        pipe(
          Task.currentFiber,
          Task.flatMap((me) => me.interrupt())
        )
      )
    )
    expect(isLeft(exit)).toBe(true)
  })

  it('of two fibers by each other ends both', async () => {
    const machine = new Machine()
    const fibers: Array<Fiber<never, unknown>> = []
    const other = (index: number) =>
      Task.suspend((): Task.Task<never, unknown> => fibers[index]?.interrupt() ?? Task.unit)
    fibers.push(machine.fork(after(1, other(1))), machine.fork(after(1, other(0))))
    for (const fiber of fibers) await machine.finish(fiber)
    expect(machine.leftovers()).toBe('')
  })

  it('without waiting (interruptNowait) returns at once and can be called any number of times', async () => {
    const machine = new Machine()
    let runs = 0
    const target = machine.fork(
      pipe(
        Task.never,
        Task.ensuring(
          after(
            10,
            Task.sync(() => runs++)
          )
        )
      )
    )
    await machine.settle()
    for (let i = 0; i < 10; i++) target.interruptNowait()
    expect(target.poll()).toEqual(none)
    for (let i = 0; i < 10; i++) {
      target.interruptNowait()
      await machine.pass(1)
    }
    expect(summary(await machine.finish(target))).toEqual(failure(Interrupt))
    expect(runs).toBe(1)
  })
})

describe('poll and status', () => {
  it('poll is none until the end', async () => {
    const machine = new Machine()
    const fiber = machine.fork(after(10, Task.succeed(1)))
    expect(fiber.poll()).toEqual(none)
    await machine.pass(5)
    expect(fiber.poll()).toEqual(none)
    await machine.finish(fiber)
    expect(fiber.poll()).toMatchObject({ _tag: 'Some', value: right(1) })
  })

  it('status is ready, running, waiting, then done', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(
        Task.currentFiber,
        Task.map((me) => me.status()),
        Task.tap(() => Task.sleep(500))
      )
    )
    expect(fiber.status()).toEqual({ _tag: 'Ready' })
    await machine.settle()
    expect(fiber.status()).toEqual({ _tag: 'Waiting', on: 'sleep 500ms' })
    machine.clock.advance(500)
    expect(fiber.status()).toEqual({ _tag: 'Ready' })
    expect(summary(await machine.finish(fiber))).toEqual(success({ _tag: 'Running' }))
    expect(fiber.status()).toEqual({ _tag: 'Done' })
  })

  it('status says what each fiber waits for', async () => {
    const machine = new Machine()
    const loader = machine.fork(Task.never, { name: 'loader' })
    const nameless = machine.fork(Task.never)
    const queue = new Queue<number>(1)
    queue.putNowait(1)
    const empty = new Queue<number>()
    const deferred = new Deferred<never, number>()
    const on = (task: Task.Task<unknown, unknown>): (() => string) => {
      const fiber = machine.fork(task)
      return () => {
        const status = fiber.status()
        return status._tag === 'Waiting' ? status.on : status._tag
      }
    }
    const all = {
      join: on(loader.join()),
      joinNameless: on(nameless.join()),
      get: on(empty.get()),
      put: on(queue.put(2)),
      deferred: on(deferred.wait()),
      sleep: on(Task.sleep(1500)),
      never: on(Task.never),
      async: on(Task.async(() => {})),
      promise: on(Task.promise(() => new Promise(() => {})))
    }
    await machine.settle()
    expect(all.join()).toBe(`join #${loader.id} loader`)
    expect(all.joinNameless()).toBe(`join #${nameless.id}`)
    expect(all.get()).toBe('Queue.get')
    expect(all.put()).toBe('Queue.put')
    expect(all.deferred()).toMatch(/Deferred/)
    expect(all.sleep()).toBe('sleep 1500ms')
    for (const text of [all.never(), all.async(), all.promise()]) {
      expect(text.length).toBeGreaterThan(0)
      expect(['Ready', 'Running', 'Done']).not.toContain(text)
    }
  })
})

describe('dump', () => {
  it('shows name, id and what each fiber waits for, until it has ended', async () => {
    const machine = new Machine()
    const sleeper = machine.fork(Task.sleep(12_345), { name: 'the-sleeper' })
    const joiner = machine.fork(sleeper.join(), { name: 'the-joiner' })
    await machine.settle()
    const text = dump()
    const line = (word: string) => text.split('\n').find((candidate) => candidate.includes(word)) ?? ''
    expect(line('the-sleeper')).toBeTruthy()
    expect(text).toContain('sleep 12345ms')
    expect(text).toContain(`#${sleeper.id}`)
    expect(text).toContain(`join #${sleeper.id} the-sleeper`)
    expect(
      text
        .split('\n')
        .some((candidate) => candidate.includes('the-joiner') && candidate.includes(`#${joiner.id}`))
    ).toBe(true)
    await machine.finish(joiner)
    expect(dump()).not.toContain('the-sleeper')
    expect(dump()).not.toContain('the-joiner')
  })

  it('shows groups with their fibers below them', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      Task.withGroup(
        (group) =>
          pipe(
            group.spawn(Task.sleep(777), { name: 'the-child' }),
            Task.flatMap((child) => child.join())
          ),
        { name: 'the-group' }
      ),
      { name: 'the-parent' }
    )
    await machine.settle()
    const lines = dump().split('\n')
    const at = (word: string) => lines.findIndex((line) => line.includes(word))
    const indent = (index: number) => /[^\s│├└─|`+-]/.exec(lines[index] ?? '')?.index ?? -1
    expect(at('the-group')).toBeGreaterThanOrEqual(0)
    const child = lines.findIndex((line) => line.includes('the-child') && line.includes('sleep 777ms'))
    expect(child).toBeGreaterThan(at('the-group'))
    expect(indent(child)).toBeGreaterThan(indent(at('the-group')))
    await machine.finish(fiber)
    expect(dump()).not.toContain('the-group')
    expect(dump()).not.toContain('the-child')
  })

  it('shows the named task that a fiber is in', async () => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.sleep(10), Task.named('read the index')))
    await machine.settle()
    expect(dump()).toContain('read the index')
    await machine.finish(fiber)
  })

  it('is readable text also when no fiber runs', () => {
    expect(typeof dump()).toBe('string')
  })
})
