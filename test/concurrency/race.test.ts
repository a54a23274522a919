/** Races: the first to succeed, or the last failure; losers are stopped and waited for. */
import { dump, Task } from 'aio-ts'
import { left } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import {
  Die,
  Fail,
  failure,
  Interrupt,
  lateResults,
  reasonSummaries,
  success,
  summary
} from '../support/exits.js'
import { runDefect, runSummary, runVirtual } from '../support/kit.js'
import { Machine } from '../support/machine.js'
import { after, giving } from '../support/tasks.js'

const failing = (ms: number, e: string): Task.Task<string, never> => after(ms, Task.fail(e))

/** Both ways to say it. */
const races: ReadonlyArray<
  readonly [
    string,
    (...sides: [Task.Task<string, unknown>, Task.Task<string, unknown>]) => Task.Task<string, unknown>
  ]
> = [
  ['race', (one, two) => pipe(one, Task.race(two))],
  ['race with swapped sides', (one, two) => pipe(two, Task.race(one))],
  ['raceAll', (one, two) => Task.raceAll([one, two])],
  ['raceAll of a set', (one, two) => Task.raceAll(new Set([two, one]))]
]

describe.each(races)('%s', (_name, race) => {
  it('the first to succeed wins', async () => {
    const run = await runVirtual(race(giving(20, 'slow'), giving(10, 'quick')))
    expect(summary(run.exit)).toEqual(success('quick'))
    expect(run.elapsed).toBe(10)
  })

  it('a failure does not win over a later success', async () => {
    expect(await runSummary(race(failing(5, 'e'), giving(10, 'a')))).toEqual(success('a'))
    expect(await runSummary(race(Task.fail('e'), giving(10, 'a')))).toEqual(success('a'))
  })

  it('both sides fail: the last failure is the result', async () => {
    const run = await runVirtual(race(failing(5, 'early'), failing(10, 'late')))
    const ended = summary(run.exit)
    expect('reasons' in ended && ended.reasons).toContainEqual(Fail('late'))
    expect(run.elapsed).toBe(10)
    const failed = pipe(race(failing(5, 'early'), failing(10, 'late')), Task.either)
    expect(await runSummary(failed)).toEqual(success(left('late')))
  })

  it('the loser is stopped and waited for before the result is returned (9)', async () => {
    let cleaned = false
    const loser = pipe(
      Task.never,
      Task.ensuring(
        after(
          50,
          Task.sync(() => void (cleaned = true))
        )
      )
    )
    const run = await runVirtual(race(giving(10, 'won'), loser))
    expect(summary(run.exit)).toEqual(success('won'))
    expect(run.elapsed).toBe(60)
    expect(cleaned).toBe(true)
  })

  it('a loser that cannot be interrupted is waited for', async () => {
    const run = await runVirtual(race(giving(10, 'won'), Task.uninterruptible(giving(80, 'late'))))
    expect(summary(run.exit)).toEqual(success('won'))
    expect(run.elapsed).toBe(80)
    expect(run.reports).toEqual([])
  })

  it('two sides that never end can be interrupted', async () => {
    const machine = new Machine()
    const fiber = machine.fork(race(Task.never, Task.never), { name: 'the-race' })
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(machine.leftovers()).toBe('')
    expect(dump()).not.toContain('the-race')
  })

  it('an interruption from outside waits for both sides and for their finalizers', async () => {
    const machine = new Machine()
    const side = (ms: number) => pipe(Task.never, Task.ensuring(Task.sleep(ms)))
    const fiber = machine.fork(race(side(30), side(70)))
    await machine.settle()
    fiber.interruptNowait()
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(machine.clock.now()).toBe(70)
  })

  it('a loser that fails while it is stopped is reported (35)', async () => {
    for (const [broken, expected] of [
      [Task.die('broke'), Die('broke')],
      [Task.fail('broke'), Fail('broke')]
    ] as const) {
      const run = await runVirtual(race(giving(10, 'won'), pipe(Task.never, Task.ensuring(broken))))
      expect(summary(run.exit)).toEqual(success('won'))
      expect(run.reports).toHaveLength(1)
      expect(run.reports.flatMap(reasonSummaries)).toContainEqual(expected)
    }
  })

  it('a loser that is just interrupted is not reported', async () => {
    expect((await runVirtual(race(giving(10, 'won'), Task.never))).reports).toEqual([])
  })

  it('an interruption from outside keeps the late result of a side (35)', async () => {
    const machine = new Machine()
    const fiber = machine.fork(race(Task.uninterruptible(giving(50, 'given')), Task.never))
    await machine.pass(10)
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('given')])
  })

  it('an interruption from outside while the loser cleans up keeps the result of the race (35)', async () => {
    const machine = new Machine()
    const loser = pipe(Task.never, Task.ensuring(Task.sleep(50)))
    const fiber = machine.fork(race(giving(5, 'won'), loser))
    await machine.pass(10)
    fiber.interruptNowait()
    const exit = await machine.finish(fiber)
    expect(summary(exit)).toEqual(failure(Interrupt))
    expect(lateResults(exit)).toEqual([success('won')])
    expect(machine.clock.now()).toBe(55)
  })

  it('a side that died before the other succeeded is reported, a side that failed is not (35)', async () => {
    const died = await runVirtual(race(after(5, Task.die('d')), giving(10, 'a')))
    expect(summary(died.exit)).toEqual(success('a'))
    expect(died.reports.map(reasonSummaries)).toEqual([[Die('d')]])
    expect((await runVirtual(race(failing(5, 'e'), giving(10, 'a')))).reports).toEqual([])
  })

  it('of two sides that succeed in the same time slice one wins and the other is dropped without a report', async () => {
    const machine = new Machine()
    const resumes: Array<(task: Task.Task<never, number>) => void> = []
    const waiting = () => Task.async<never, number>((resume) => void resumes.push(resume))
    const fiber = machine.fork(race(waiting(), waiting()))
    await machine.settle()
    const [first, second] = resumes
    second?.(Task.succeed(2))
    first?.(Task.succeed(1))
    expect(summary(await machine.finish(fiber))).toEqual(success(2))
    expect(machine.reports).toEqual([])
    expect(machine.leftovers()).toBe('')
  })

  it('a side that never waits wins over a side that does', async () => {
    expect(await runSummary(race(Task.succeed('now'), giving(0, 'later')))).toEqual(success('now'))
  })

  it('the success wins if one side dies and the other succeeds', async () => {
    expect(await runSummary(race(after(5, Task.die('d')), giving(10, 'a')))).toEqual(success('a'))
  })
})

describe('raceAll', () => {
  it('of one task is that task', async () => {
    expect(await runSummary(Task.raceAll([giving(5, 'a')]))).toEqual(success('a'))
    expect(await runSummary(Task.raceAll([failing(5, 'e')]))).toEqual(failure(Fail('e')))
  })

  it('of many tasks gives the first success among failures', async () => {
    const sides: ReadonlyArray<Task.Task<string, string>> = [
      failing(1, 'a'),
      giving(30, 'b'),
      giving(20, 'c'),
      failing(5, 'd'),
      Task.never
    ]
    const run = await runVirtual(Task.raceAll(sides))
    expect(summary(run.exit)).toEqual(success('c'))
    expect(run.elapsed).toBe(20)
  })

  it('of no task is an error that says so, not an endless wait (40)', async () => {
    const defect = await runDefect(Task.raceAll([]))
    expect(defect).toBeInstanceOf(Error)
    expect(String(defect)).toMatch(/raceAll/)
  })

  it('of a thousand tasks gives one winner and stops all the others', async () => {
    let stopped = 0
    const side = pipe(Task.never, Task.onInterrupt(Task.sync(() => stopped++)))
    const sides: Array<Task.Task<never, string>> = Array.from({ length: 1000 }, () => side)
    sides[500] = giving(5, 'won')
    expect(await runSummary(Task.raceAll(sides))).toEqual(success('won'))
    expect(stopped).toBe(999)
  })
})
