/** A schedule is a string that replays one interleaving, and a schedule of another program is rejected. */
import { Deferred, Queue, Schedule, Task } from 'aio-ts'
import { DeadlockError, explore, replay, runTest, ScheduleError } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { success, summary } from '../../support/exits.js'

/** Fibers that meet at a queue, sleep, race and are interrupted, and say so. */
const busy = (log: Array<string>): Task.Task<unknown, unknown> =>
  Task.suspend(() => {
    const queue = new Queue<string>(2)
    const say = (text: string) => Task.sync(() => log.push(text))
    const producer = (name: string) =>
      Task.forEach((index: number) =>
        pipe(
          queue.put(`${name}${index}`),
          Task.flatMap(() => say(`put ${name}${index}`)),
          Task.flatMap(() => (index % 2 === 0 ? Task.sleep(index) : Task.unit))
        )
      )([0, 1, 2, 3])
    const consumer = (name: string) =>
      pipe(
        queue.forEach((item) => say(`${name} got ${item}`)),
        Task.ensuring(say(`${name} ends`)),
        Task.timeout(3)
      )
    const jittery = pipe(
      Task.fail('again'),
      Task.retry(pipe(Schedule.spaced(1), Schedule.intersect(Schedule.recurs(3)), Schedule.jittered())),
      Task.either
    )
    return Task.all({
      one: producer('a'),
      two: producer('b'),
      three: pipe(consumer('x'), Task.either),
      four: pipe(consumer('y'), Task.either),
      five: pipe(jittery, Task.race(Task.sleep(2)))
    })
  })

describe('replay', () => {
  it('has the same event log, exit, time and schedule, seed by seed', async () => {
    const logs = new Set<string>()
    for (let seed = 0; seed < 40; seed++) {
      for (const yieldEvery of [1, 3, 2048]) {
        const first: Array<string> = []
        const second: Array<string> = []
        const run = await runTest(busy(first), { seed, yieldEvery })
        const again = await replay(busy(second), run.schedule)
        expect(second).toEqual(first)
        expect(again).toEqual(run)
        logs.add(first.join())
      }
    }
    expect(logs.size).toBeGreaterThan(40)
  })

  it('of an error has the same error', async () => {
    const stuck = () => Task.all([new Deferred<never, number>().wait(), Task.unit, Task.yieldNow])
    const error = await runTest(stuck(), { seed: 9 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(DeadlockError)
    const [, schedule] = /replay\(task, '([^']+)'\)/.exec((error as Error).message) ?? []
    const again = await replay(stuck(), String(schedule)).catch((reason: unknown) => reason)
    expect(again).toBeInstanceOf(DeadlockError)
    expect((again as Error).message).toBe((error as Error).message)
  })
})

describe('a schedule of another program is rejected', () => {
  type Program = Task.Task<never, unknown>
  const two = (text: string): Program => Task.all([Task.sync(() => text), Task.sync(() => text)])
  const three: Program = Task.all([Task.unit, Task.sync(() => 1), Task.unit])

  it.each<[string, Program, Program]>([
    ['that decides more', two('a'), three],
    ['that decides less', three, two('a')],
    ['that decides nothing and takes more steps', Task.unit, pipe(Task.unit, Task.asUnit, Task.asUnit)],
    ['that ends in a deadlock', two('a'), Task.all([Task.never, Task.unit])]
  ])('%s', async (_, of, other) => {
    const { schedule } = await runTest(of, { seed: 1 })
    const error = await replay(other, schedule).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ScheduleError)
    expect((error as ScheduleError)._tag).toBe('ScheduleError')
    expect((error as Error).message).toContain('replay: this is a schedule of another program')
    expect((error as Error).message).toMatch(/as far as it went:\n.*#1 main/)
  })

  it('if it has fewer entries to choose from', async () => {
    const schedules: Array<string> = []
    await explore(() => three, { check: ({ schedule }) => void schedules.push(schedule) })
    const last = schedules.filter((schedule) => /:d[^:]*\.2/.test(schedule))
    expect(last).not.toEqual([])
    for (const schedule of last)
      await expect(replay(two('a'), schedule)).rejects.toBeInstanceOf(ScheduleError)
  })

  it('if it never ends, without waiting for it', async () => {
    let steps = 0
    const circle = Task.forever(Task.sync(() => steps++))
    const { schedule } = await runTest(two('a'), { seed: 1 })
    await expect(replay(Task.all([circle, circle]), schedule)).rejects.toBeInstanceOf(ScheduleError)
    expect(steps).toBeLessThan(100)
  })

  it('but runs if it only looks the same', async () => {
    const { schedule } = await runTest(two('a'), { seed: 1 })
    expect(summary((await replay(two('b'), schedule)).exit)).toEqual(success(['b', 'b']))
  })
})

describe('an invalid schedule is rejected', () => {
  it.each([
    ['nothing', ''],
    ['no text at all', undefined],
    ['another text', 'hello'],
    ['one that was cut off', 'aio1:y1:s7:n4'],
    ['one with a number that is none', 'aio1:y1:sx:n4:h1'],
    ['one with a budget of none', 'aio1:y0:s1:n4:h1'],
    ['one with a number that is too large', `aio1:y1:s${'9'.repeat(30)}:n4:h1`],
    ['one with half a deviation', 'aio1:y1:s1:d3:n4:h1']
  ])('%s', async (_, text) => {
    const error = await replay(Task.unit, text as string).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ScheduleError)
    expect((error as Error).message).toMatch(/^replay: .* is no schedule: /)
  })

  it('by its version if that is another one', async () => {
    await expect(replay(Task.unit, 'aio2:z')).rejects.toThrow('another version of aio-ts has made it')
  })

  it('as no Task if it is none', async () => {
    await expect(replay(1 as never, 'aio1:y1:s7:n4:h1')).rejects.toThrow('replay: expected a Task, got 1')
  })

  it('for invalid options', async () => {
    const { schedule } = await runTest(Task.unit)
    await expect(replay(Task.unit, schedule, 1 as never)).rejects.toThrow(
      'replay: expected an object of options'
    )
    await expect(replay(Task.unit, schedule, { maxSteps: 0 })).rejects.toThrow('replay: expected maxSteps')
    await expect(replay(Task.unit, schedule, { signal: null as never })).rejects.toThrow(
      'to be an AbortSignal'
    )
  })

  it('but not for surrounding space', async () => {
    const { schedule } = await runTest(Task.unit)
    expect((await replay(Task.unit, ` ${schedule}\n`)).schedule).toBe(schedule)
  })
})
