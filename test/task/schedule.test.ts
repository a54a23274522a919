/** retry and repeat under every schedule, with the exact virtual time of every attempt. */
import { Schedule, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'
import { Die, Fail, failure, Interrupt, success, summary } from '../support/exits.js'
import { Machine } from '../support/machine.js'

type Any = Schedule.Schedule<unknown>

interface Timed {
  /** When each attempt began. */
  readonly starts: ReadonlyArray<number>
  readonly exit: ReturnType<typeof summary>
}

/** Runs `program` on an attempt that takes `takes` ms, notes when it began, and ends as `end` says. */
const timed = async (
  program: (attempt: Task.Task<string, number>) => Task.Task<unknown, unknown>,
  end: (attempt: number) => Task.Task<string, number>,
  takes = 0
): Promise<Timed> => {
  const machine = new Machine()
  const starts: Array<number> = []
  const attempt = Task.suspend(() => {
    starts.push(machine.clock.now())
    const ending = end(starts.length)
    return takes === 0
      ? ending
      : pipe(
          Task.sleep(takes),
          Task.flatMap(() => ending)
        )
  })
  const exit = summary(await machine.finish(machine.fork(program(attempt))))
  expect(machine.leftovers()).toBe('')
  return { starts, exit }
}
const failing = (n: number): Task.Task<string, number> => Task.fail(`failure ${n}`)
const succeeding = (n: number): Task.Task<string, number> => Task.succeed(n)

const retried = (schedule: Any, takes = 0, end = failing) => timed(Task.retry(schedule), end, takes)
const repeated = (schedule: Any, takes = 0, end = succeeding) => timed(Task.repeat(schedule), end, takes)
/** Ends at the sixth attempt, for schedules that go on for ever. */
const sixth = (n: number): Task.Task<string, number> =>
  n === 6 ? Task.succeed(n) : Task.fail(`failure ${n}`)

describe('retry', () => {
  it('recurs(n): n more attempts after the first, at once; the last failure is the result', async () => {
    expect(await retried(Schedule.recurs(3))).toEqual({
      starts: [0, 0, 0, 0],
      exit: failure(Fail('failure 4'))
    })
    expect(await retried(Schedule.recurs(0))).toEqual({ starts: [0], exit: failure(Fail('failure 1')) })
  })

  it('stops at the first success', async () => {
    const third = (n: number): Task.Task<string, number> => (n === 3 ? Task.succeed(n) : failing(n))
    expect(await retried(Schedule.recurs(10), 0, third)).toEqual({ starts: [0, 0, 0], exit: success(3) })
    expect(await retried(Schedule.recurs(10), 0, succeeding)).toEqual({ starts: [0], exit: success(1) })
  })

  it('spaced waits after the end of each attempt', async () => {
    expect(await retried(Schedule.spaced(100), 30, sixth)).toEqual({
      starts: [0, 130, 260, 390, 520, 650],
      exit: success(6)
    })
  })

  it('exponential doubles the wait, up to maxMs', async () => {
    expect((await retried(Schedule.exponential(10), 0, sixth)).starts).toEqual([0, 10, 30, 70, 150, 310])
    expect((await retried(Schedule.exponential(10, { maxMs: 40 }), 0, sixth)).starts).toEqual([
      0, 10, 30, 70, 110, 150
    ])
    expect((await retried(Schedule.exponential(10, { factor: 3 }), 0, sixth)).starts).toEqual([
      0, 10, 40, 130, 400, 1210
    ])
    expect((await retried(Schedule.exponential(10, { factor: 1 }), 0, sixth)).starts).toEqual([
      0, 10, 20, 30, 40, 50
    ])
  })

  it('exponential never becomes infinite', async () => {
    const late = (n: number): Task.Task<string, number> => (n === 2000 ? Task.succeed(n) : failing(n))
    const run = await retried(Schedule.exponential(1, { factor: 10, maxMs: 1 }), 0, late)
    expect(run.exit).toEqual(success(2000))
    expect(run.starts.at(-1)).toBe(1999)
  })

  it('upTo starts no attempt later than its limit after the first attempt started', async () => {
    const startsWithin = async (ms: number): Promise<ReadonlyArray<number>> =>
      (await retried(pipe(Schedule.spaced(100), Schedule.upTo(ms)))).starts
    expect(await startsWithin(250)).toEqual([0, 100, 200])
    expect(await startsWithin(299)).toEqual([0, 100, 200])
    expect(await startsWithin(300)).toEqual([0, 100, 200, 300])
    expect(await startsWithin(301)).toEqual([0, 100, 200, 300])
    expect(await startsWithin(0)).toEqual([0])
    expect((await retried(pipe(Schedule.spaced(600), Schedule.upTo(1000)))).starts).toEqual([0, 600])
    // The first attempt itself counts.
    expect((await retried(pipe(Schedule.recurs(10), Schedule.upTo(50)), 60)).starts).toEqual([0])
    expect((await retried(pipe(Schedule.spaced(30), Schedule.upTo(100)), 80)).starts).toEqual([0])
    // What an attempt that began in time takes does not.
    expect((await retried(pipe(Schedule.spaced(10), Schedule.upTo(100)), 80)).starts).toEqual([0, 90])
  })

  it('upTo ends at once if the next attempt would start too late, and does not wait for it', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(Task.fail('e'), Task.retry(pipe(Schedule.spaced(600), Schedule.upTo(1000))))
    )
    expect(summary(await machine.finish(fiber))).toEqual(failure(Fail('e')))
    expect(machine.clock.now()).toBe(600)
  })

  it('upTo counts from the first attempt on, whatever the clock reads then', async () => {
    const late = (attempt: Task.Task<string, number>) =>
      pipe(
        Task.sleep(1000),
        Task.flatMap(() => pipe(attempt, Task.retry(pipe(Schedule.spaced(10), Schedule.upTo(25)))))
      )
    expect((await timed(late, failing)).starts).toEqual([1000, 1010, 1020])
  })

  it('upTo applies to the final pause, wherever it is in the schedule', async () => {
    const upTo = Schedule.upTo(1000)
    const longer = Schedule.intersect(Schedule.spaced(600))
    for (const schedule of [
      pipe(Schedule.spaced(100), upTo, longer),
      pipe(Schedule.spaced(100), longer, upTo),
      pipe(Schedule.spaced(600), Schedule.intersect(pipe(Schedule.spaced(100), upTo))),
      pipe(Schedule.spaced(600), upTo, Schedule.upTo(5000)),
      pipe(Schedule.spaced(600), Schedule.upTo(5000), upTo),
      pipe(
        Schedule.spaced(600),
        upTo,
        Schedule.whileInput(() => true)
      )
    ]) {
      expect((await retried(schedule)).starts).toEqual([0, 600])
      expect((await repeated(schedule)).starts).toEqual([0, 600])
    }
    // 400 is in time, and is not where it has been made longer by chance.
    const jittered = pipe(Schedule.spaced(400), Schedule.upTo(401), Schedule.jittered(0.5))
    for (let run = 0; run < 30; run++) {
      const { starts } = await retried(jittered)
      for (const at of starts) expect(at).toBeLessThanOrEqual(401)
    }
  })

  it('upTo starts no attempt too late if the clock advanced too far during a pause', async () => {
    const limited = pipe(Schedule.spaced(100), Schedule.upTo(250))
    const starts: Array<number> = []
    const machine = new Machine()
    const attempt = Task.suspend(() => {
      starts.push(machine.clock.now())
      return starts.length === 2 ? Task.fail('second') : Task.fail('first')
    })
    const fiber = machine.fork(pipe(attempt, Task.retry(limited)))
    machine.run()
    machine.clock.advance(100)
    machine.run()
    // The host was held up: the timer that was due at 200 fires, and its fiber has its turn only at 300.
    machine.clock.advance(200)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Fail('second')))
    expect(starts).toEqual([0, 100])

    const values: Array<number> = []
    const counting = Task.sync(() => values.push(machine.clock.now()))
    const repeating = machine.fork(pipe(counting, Task.repeat(limited)))
    machine.run()
    machine.clock.advance(300)
    expect(summary(await machine.finish(repeating))).toEqual(success(1))
  })

  it('intersect continues while both do, and waits for the longer', async () => {
    const both = pipe(
      Schedule.exponential(10),
      Schedule.intersect(Schedule.spaced(25)),
      Schedule.intersect(Schedule.recurs(4))
    )
    expect((await retried(both)).starts).toEqual([0, 25, 50, 90, 170])
    const turned = pipe(Schedule.recurs(2), Schedule.intersect(Schedule.spaced(7)))
    expect((await retried(turned)).starts).toEqual([0, 7, 14])
  })

  it('whileInput receives the error', async () => {
    const asked: Array<string> = []
    const schedule = pipe(
      Schedule.recurs(10),
      Schedule.whileInput((error: string) => {
        asked.push(error)
        return error !== 'failure 3'
      })
    )
    const run = await timed(Task.retry(schedule), failing)
    expect(run).toEqual({ starts: [0, 0, 0], exit: failure(Fail('failure 3')) })
    expect(asked).toEqual(['failure 1', 'failure 2', 'failure 3'])
  })

  it('jittered stays within its fraction and is not always the same', async () => {
    const waits = async (schedule: Any): Promise<ReadonlyArray<number>> => {
      const until = (n: number): Task.Task<string, number> => (n === 60 ? Task.succeed(n) : failing(n))
      const { starts } = await retried(schedule, 0, until)
      return starts.slice(1).map((at, i) => at - (starts[i] ?? 0))
    }
    const jittered = await waits(pipe(Schedule.spaced(100), Schedule.jittered(0.2)))
    expect(Math.min(...jittered)).toBeGreaterThanOrEqual(80)
    expect(Math.max(...jittered)).toBeLessThanOrEqual(120.000001)
    expect(new Set(jittered).size).toBeGreaterThan(5)
    const still = await waits(pipe(Schedule.spaced(100), Schedule.jittered(0)))
    expect(new Set(still)).toEqual(new Set([100]))
    const unsaid = await waits(pipe(Schedule.spaced(100), Schedule.jittered()))
    expect(new Set(unsaid).size).toBeGreaterThan(5)
    expect(Math.min(...unsaid)).toBeGreaterThanOrEqual(0)
  })

  it('neither defects nor interruptions are retried', async () => {
    const dies = () => Task.die('d')
    expect(await retried(Schedule.recurs(5), 0, dies)).toEqual({ starts: [0], exit: failure(Die('d')) })
    const interrupts = () => Task.interrupt
    expect(await retried(Schedule.recurs(5), 0, interrupts)).toEqual({
      starts: [0],
      exit: failure(Interrupt)
    })
  })

  it('a failure beside a defect is not retried', async () => {
    const mixed = (n: number) => pipe(failing(n), Task.ensuring(Task.die('d')))
    const run = await retried(Schedule.recurs(5), 0, mixed)
    expect(run).toEqual({ starts: [0], exit: failure(Fail('failure 1'), Die('d')) })
  })
})

describe('repeat', () => {
  it('recurs(n): n more runs after the first; the last value is the result', async () => {
    expect(await repeated(Schedule.recurs(3))).toEqual({ starts: [0, 0, 0, 0], exit: success(4) })
    expect(await repeated(Schedule.recurs(0))).toEqual({ starts: [0], exit: success(1) })
  })

  it('stops at the first failure', async () => {
    const third = (n: number): Task.Task<string, number> => (n === 3 ? failing(n) : Task.succeed(n))
    expect(await repeated(Schedule.recurs(10), 0, third)).toEqual({
      starts: [0, 0, 0],
      exit: failure(Fail('failure 3'))
    })
  })

  it('spaced, exponential, upTo and intersect mean the same', async () => {
    const four = Schedule.intersect(Schedule.recurs(3))
    expect((await repeated(pipe(Schedule.spaced(100), four), 30)).starts).toEqual([0, 130, 260, 390])
    expect((await repeated(pipe(Schedule.exponential(10), four))).starts).toEqual([0, 10, 30, 70])
    expect((await repeated(pipe(Schedule.spaced(100), Schedule.upTo(250)))).starts).toEqual([0, 100, 200])
    expect((await repeated(pipe(Schedule.spaced(600), Schedule.upTo(1000)))).starts).toEqual([0, 600])
  })

  it('whileInput receives the value', async () => {
    const schedule = pipe(
      Schedule.spaced(5),
      Schedule.whileInput((n: number) => n < 3)
    )
    expect(await timed(Task.repeat(schedule), succeeding)).toEqual({ starts: [0, 5, 10], exit: success(3) })
  })
})

describe('a schedule is a value (1)', () => {
  it('each run starts it anew, in sequence and concurrently', async () => {
    const schedule = pipe(Schedule.exponential(10), Schedule.intersect(Schedule.recurs(2)))
    const machine = new Machine()
    const starts: Array<number> = []
    const attempt = Task.suspend(() => {
      starts.push(machine.clock.now())
      return Task.fail('e')
    })
    const program = pipe(attempt, Task.retry(schedule), Task.either)
    await machine.finish(machine.fork(Task.all([program, program])))
    expect(starts).toEqual([0, 0, 10, 10, 30, 30])
    const again = machine.clock.now()
    starts.length = 0
    await machine.finish(machine.fork(program))
    expect(starts.map((at) => at - again)).toEqual([0, 10, 30])
  })

  it('combining makes a new schedule and does not change the old one', async () => {
    const spaced = Schedule.spaced(10)
    pipe(spaced, Schedule.upTo(1), Schedule.intersect(Schedule.recurs(1)))
    expect((await retried(spaced, 0, sixth)).starts).toHaveLength(6)
  })

  it('interrupted while it waits for the next attempt ends at once and leaves no timer', async () => {
    const machine = new Machine()
    const fiber = machine.fork(pipe(Task.fail('e'), Task.retry(Schedule.spaced(1000))))
    await machine.pass(1500)
    fiber.interruptNowait()
    await machine.settle()
    expect(machine.clock.now()).toBe(1500)
    expect(summary(await machine.finish(fiber))).toEqual(failure(Interrupt))
    expect(machine.leftovers()).toBe('')
  })

  it('a retry without end or wait still yields to other fibers', async () => {
    const machine = new Machine()
    const fiber = machine.fork(
      pipe(Task.fail('e'), Task.retry(Schedule.spaced(0)), Task.timeout(5), Task.either)
    )
    let rounds = 0
    while (fiber.poll()._tag === 'None' && rounds++ < 1000) {
      machine.turn()
      machine.clock.advance(1)
    }
    expect(fiber.poll()._tag).toBe('Some')
  })
})

describe('an invalid schedule is refused at the call (40)', () => {
  const nonsense: ReadonlyArray<readonly [string, () => unknown]> = [
    ['recurs(-1)', () => Schedule.recurs(-1)],
    ['recurs(NaN)', () => Schedule.recurs(Number.NaN)],
    ['spaced(-1)', () => Schedule.spaced(-1)],
    ['spaced(NaN)', () => Schedule.spaced(Number.NaN)],
    ['spaced(Infinity)', () => Schedule.spaced(Number.POSITIVE_INFINITY)],
    ['exponential(-1)', () => Schedule.exponential(-1)],
    ['exponential(NaN)', () => Schedule.exponential(Number.NaN)],
    ['exponential with factor NaN', () => Schedule.exponential(10, { factor: Number.NaN })],
    ['exponential with factor -1', () => Schedule.exponential(10, { factor: -1 })],
    ['exponential with maxMs -1', () => Schedule.exponential(10, { maxMs: -1 })],
    ['exponential with maxMs NaN', () => Schedule.exponential(10, { maxMs: Number.NaN })],
    ['upTo(-1)', () => Schedule.upTo(-1)],
    ['upTo(NaN)', () => Schedule.upTo(Number.NaN)],
    ['jittered(-0.1)', () => Schedule.jittered(-0.1)],
    ['jittered(1.5)', () => Schedule.jittered(1.5)],
    ['jittered(NaN)', () => Schedule.jittered(Number.NaN)]
  ]
  it.each(nonsense)('%s', (name, make) => {
    let thrown: unknown
    try {
      make()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(RangeError)
    // What was got is in the message.
    const got = /-?[\d.]+(?=\)|$)|NaN|Infinity/.exec(name)?.[0] ?? ''
    expect(String(thrown)).toContain(got)
  })

  it('a value that is no schedule is a defect that says so', async () => {
    const wrong = { every: 5 } as unknown as Any
    const machine = new Machine()
    for (const program of [
      pipe(Task.fail('e'), Task.retry(wrong)),
      pipe(Task.succeed(1), Task.repeat(wrong))
    ]) {
      const exit = summary(await machine.finish(machine.fork(program)))
      expect(
        'reasons' in exit && exit.reasons.some((reason) => typeof reason === 'object' && 'Die' in reason)
      ).toBe(true)
    }
  })
})
