/** runSync gives up, in bounded time, on a task that is not done at once, whatever else is running. */
import { Deferred, Group, makeRuntime, Queue, runSync, Task } from 'aio-ts'
import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Machine } from '../support/machine.js'

const spinners: ReadonlyArray<readonly [string, Task.Task<never, never>]> = [
  ['yields', Task.forever(Task.yieldNow)],
  ['uses up its budget', Task.forever(Task.unit)]
]

/** A turn counts as 16 operations at least, so the bound is reached soonest with short turns. */
const yieldEvery = 1

describe.each(spinners)(
  'a fiber that %s forever does not keep runSync from giving up',
  {
    timeout: 60_000
  },
  (_how, spinner) => {
    it('beside a task that waits', () => {
      const group = new Group()
      const program = pipe(
        group.spawn(spinner),
        Task.flatMap(() => Task.never)
      )
      expect(() => makeRuntime({ yieldEvery }).runSync(program)).toThrow(
        /runSync: .*waits for never after 1000000 operations.*runTask/
      )
      group.close()
    })

    it('as a part of the task, which is interrupted', () => {
      const { runtime } = new Machine({ yieldEvery })
      let finalized = 0
      const finalizer = Task.sync(() => {
        finalized++
      })
      const program = pipe(Task.never, Task.race(pipe(spinner, Task.ensuring(finalizer))))
      expect(() => runtime.runSync(program)).toThrow(/runSync: .*waits for race.*runTask/)
      expect(finalized).toBe(1)
    })

    it('also if it cannot be interrupted: it continues at its own time slices', () => {
      const machine = new Machine({ yieldEvery })
      const stop = new Deferred<never, void>()
      let isStopped = false
      const note = Task.sync(() => {
        isStopped = true
      })
      const stubborn = pipe(
        stop.wait(),
        Task.race(spinner),
        Task.flatMap(() => note),
        Task.uninterruptible
      )
      expect(() => machine.runtime.runSync(Task.all([Task.never, stubborn]))).toThrow(
        /waits for all.*runTask/
      )
      expect(isStopped).toBe(false)
      stop.succeed()
      machine.run()
      expect(isStopped).toBe(true)
      expect(machine.ready).toBe(0)
    })
  }
)

/** A million operations: on a busy machine they take their time. */
describe('runSync', { timeout: 60_000 }, () => {
  it('gives up with the default budget', () => {
    expect(() => runSync(pipe(Task.never, Task.race(Task.forever(Task.unit))))).toThrow(/runTask/)
  })

  it('gives up on a task that only yields', () => {
    expect(() => runSync(Task.forever(Task.yieldNow))).toThrow(/runSync: .*runTask/)
  })

  it('gives up on two fibers that only wake each other', () => {
    const ping = new Queue<number>()
    const pong = new Queue<number>()
    const player = (from: Queue<number>, to: Queue<number>) =>
      Task.forever(
        pipe(
          from.get(),
          Task.flatMap((item) => to.put(item))
        )
      )
    ping.putNowait(1)
    expect(() => runSync(Task.all([player(ping, pong), player(pong, ping)]))).toThrow(/runTask/)
  })

  it('names the wait of the task if no other fiber is ready', () => {
    expect(() => runSync(Task.never)).toThrow(
      'runSync: the task is not done at once: it waits for never; run it by runTask'
    )
  })

  it('lets the task compute without bound', () => {
    const loop = (n: number): Task.Task<never, number> =>
      n === 0 ? Task.succeed(n) : pipe(Task.succeed(n - 1), Task.flatMap(loop))
    expect(makeRuntime({ yieldEvery }).runSync(loop(200_000))).toEqual(right(0))
  })

  it('waits for fibers that end', () => {
    const count = (n: number): Task.Task<never, number> =>
      n === 0
        ? Task.succeed(0)
        : pipe(
            Task.yieldNow,
            Task.flatMap(() => count(n - 1))
          )
    expect(runSync(Task.all([count(10_000), count(10_000)]))).toEqual(right([0, 0]))
  })
})

describe('runSync', () => {
  it('returns when its task is done, whatever it has left running', () => {
    const group = new Group()
    expect(isRight(runSync(group.spawn(Task.forever(Task.yieldNow))))).toBe(true)
    group.close()
  })

  it('reports failures of a task that it gave up on', () => {
    const { runtime, reports } = new Machine()
    const program = pipe(Task.sleep(5), Task.ensuring(Task.die('bug')))
    expect(() => runtime.runSync(program)).toThrow(/sleep 5ms/)
    expect(reports.map((cause) => cause.reasons.map((reason) => reason._tag))).toEqual([['Interrupt', 'Die']])
  })
})
