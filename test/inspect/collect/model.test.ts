/** What the inspector records while the program runs: rates, fiber spans, failures, queues, and the limits of each. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failureDetails } from '../../../src/data/describe.js'
import { mostCharacters } from '../../../src/data/read-error.js'
import {
  addHooks,
  type Cause,
  Exit,
  Group,
  Queue,
  runFork,
  runTask,
  runTaskExit,
  Semaphore,
  Task
} from '../../../src/index.js'
import { fiberOutcomeOf, Model } from '../../../src/inspect/collect/model.js'
import { Starts } from '../../../src/inspect/collect/starts.js'
import type { InspectorState, View } from '../../../src/inspect/protocol.js'
import { leftOf } from '../../support/exits.js'
import { hostileErrors, many } from '../../support/hostile-errors.js'
import { usual } from '../usual-view.js'

/** The host's clock stands still but where a test moves it. */
let model: Model
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date', 'setTimeout', 'clearTimeout'] })
  vi.setSystemTime(1_700_000_000_000)
  model = new Model('test')
})
afterEach(() => {
  model.stop()
  vi.useRealTimers()
})
const state = (view: Partial<View> = {}): InspectorState => model.state({ ...usual, ...view })
const wait = (ms: number): void => void vi.advanceTimersByTime(ms)
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, number) => all + number, 0)

/** Runs so many fibers that end as `task` does. */
const run = async (count: number, task: Task.Task<unknown, unknown> = Task.unit, name = 'one') => {
  for (let index = 0; index < count; index++) await runTaskExit(task, { name })
}

const several = (...reasons: Cause.Cause<unknown>['reasons']): Exit.Exit<unknown, never> =>
  Exit.failCause({ reasons, trace: [] })

const fail: Cause.Fail<string> = { _tag: 'Fail', error: 'no' }
const die: Cause.Die = { _tag: 'Die', defect: 'bug' }
const interrupted = (result?: Exit.Exit<unknown, unknown>): Cause.Interrupt => ({
  _tag: 'Interrupt',
  by: { _tag: 'None' },
  result: result === undefined ? { _tag: 'None' } : { _tag: 'Some', value: result }
})

describe('how a fiber ended', () => {
  test.each([
    ['failed', Exit.fail('no')],
    ['died', Exit.die('bug')],
    ['interrupted', Exit.interrupt(7)],
    ['failed', several(interrupted(), fail)],
    ['failed', several(fail, die)],
    ['died', several(die, fail)],
    ['died', several(interrupted(Exit.die('late')))],
    ['interrupted', several(interrupted(Exit.fail('nobody wants it any more')))]
  ] as ReadonlyArray<readonly [string, Exit.Exit<unknown, never>]>)('%s, number %#', (outcome, exit) => {
    expect(fiberOutcomeOf(leftOf(exit))).toBe(outcome)
  })
})

describe('rates', () => {
  test('are counted per second, the oldest first, for a minute', async () => {
    const began = state().at
    await run(3)
    await run(2, Task.fail('no'))
    wait(1000)
    await run(4, Task.die('bug'))
    await run(1, Task.interrupt)
    wait(1000)
    const { rates, totals } = state()
    expect(rates.started).toHaveLength(60)
    expect(rates.started.slice(-3)).toEqual([0, 5, 5])
    expect(rates.ended.succeeded.slice(-3)).toEqual([0, 3, 0])
    expect(rates.ended.failed.slice(-3)).toEqual([0, 2, 0])
    expect(rates.ended.died.slice(-3)).toEqual([0, 0, 4])
    expect(rates.ended.interrupted.slice(-3)).toEqual([0, 0, 1])
    expect(totals.ended).toEqual({ succeeded: 3, failed: 2, died: 4, interrupted: 1 })
    expect(rates.from + 58_000).toBe(Math.floor(began / 1000) * 1000)
    wait(57_000)
    expect(sum(state().rates.started)).toBe(10)
    wait(1000)
    expect(sum(state().rates.started)).toBe(10)
    wait(1000)
    expect(sum(state().rates.started)).toBe(5)
    wait(3_600_000)
    expect(sum(state().rates.started)).toBe(0)
    expect(state().totals.ended.succeeded).toBe(3)
  })

  test('are zero for events older than a minute, also without later events', async () => {
    await run(5)
    wait(64_000)
    await run(2)
    wait(1000)
    expect(state().rates.started.slice(-2)).toEqual([0, 2])
    wait(10_000)
    await run(1)
    wait(1000)
    expect(sum(state().rates.started)).toBe(3)
    expect(state().totals.ended.succeeded).toBe(8)
  })

  test('are zero for what existed before the inspector', async () => {
    model.stop()
    const group = new Group()
    group.spawnNowait(Task.never)
    model = new Model('test')
    wait(1000)
    expect(sum(state().rates.started)).toBe(0)
    expect(state().totals.fibers).toEqual({ running: 0, ready: 1, waiting: 0 })
    group.close()
    await runTask(group.waitClosed())
  })

  test('of hundreds of thousands of events need few reads of the clock', async () => {
    const looks = vi.spyOn(performance, 'now')
    const fibers = Array.from({ length: 5000 }, () => Task.unit)
    const before = looks.mock.calls.length
    await runTask(Task.all(fibers))
    // 5,000 that start and 5,000 that end; the lives that are kept look for themselves, 200 of them.
    expect(looks.mock.calls.length - before).toBeLessThan(200 + 10_000 / 64 + 1000)
    wait(1000)
    // Also those whose time was not read count in the second in which they were.
    expect(state().rates.started.slice(-2)).toEqual([0, 5001])
    expect(state().rates.ended.succeeded.slice(-2)).toEqual([0, 5001])
  })
})

describe('fiber spans', () => {
  test('have their start, their end and how they ended, each once', async () => {
    const group = new Group()
    const began = state().at
    const spawn = (name: string, task: Task.Task<never, unknown>) => group.spawnNowait(task, { name })
    const fiber = spawn('long', Task.never)
    await run(1, Task.fail('no'), 'short')
    wait(5000)
    if (isRight(fiber)) fiber.right.interruptNowait()
    await new Promise((resolve) => setImmediate(resolve))
    spawn('late', Task.never)
    await run(1)
    const { ended, living, left, livingLeft } = state().lives
    expect(ended).toEqual([
      { number: 1, fiber: expect.any(Number), name: 'short', from: began, to: began, outcome: 'failed' },
      {
        number: 2,
        fiber: expect.any(Number),
        name: 'long',
        from: began,
        to: began + 5000,
        outcome: 'interrupted'
      },
      expect.objectContaining({ number: 3, name: 'one', from: began + 5000, outcome: 'succeeded' })
    ])
    expect(living).toEqual([{ number: 0, fiber: expect.any(Number), name: 'late', from: began + 5000 }])
    expect([left, livingLeft]).toEqual([0, 0])
    expect(state({ livesAfter: 2 }).lives.ended.map(({ number }) => number)).toEqual([3])
    expect(state({ livesAfter: 3 }).lives.ended).toEqual([])
    // Of another inspector, which has known of more.
    expect(state({ livesAfter: 4 }).lives.ended).toHaveLength(3)
    wait(55_001)
    expect(state().lives.ended.map(({ number }) => number)).toEqual([2, 3])
    wait(5_000)
    expect(state().lives.ended).toEqual([])
    group.close()
    await runTask(group.waitClosed())
  })

  test('are kept up to the limit of the page; the others are counted', async () => {
    await runTask(Task.all(Array.from({ length: 3000 }, () => Task.unit)))
    expect(state().lives.ended).toHaveLength(200)
    expect(state().lives.left).toBe(2801)
    for (let second = 0; second < 90; second++) {
      wait(1000)
      await runTask(Task.all(Array.from({ length: 99 }, () => Task.unit)))
    }
    const { ended, left } = state().lives
    expect(ended.length).toBeLessThanOrEqual(5000)
    expect(ended.length).toBeGreaterThanOrEqual(80 * 58)
    expect(ended.length + left).toBeGreaterThanOrEqual(100 * 59)
    expect(ended.map(({ number }) => number)).toEqual(ended.map((_, index) => ended[0]!.number + index))
    // They lie spread over the minute.
    expect(state().at - ended[0]!.to!).toBeGreaterThan(58_000)
  })

  test('of many running fibers include the oldest and the newest', async () => {
    const group = new Group()
    for (let index = 0; index < 1000; index++) group.spawnNowait(Task.never, { name: String(index) })
    const { living, livingLeft } = state().lives
    const names = living.map(({ name }) => Number(name))
    expect(names).toEqual([...Array(100).keys(), ...Array.from({ length: 200 }, (_, index) => 800 + index)])
    expect(livingLeft).toBe(700)
    group.close()
    await runTask(group.waitClosed())
  })
})

describe('the start time of a fiber', () => {
  test('is derived from its id: closely, or for old ones within a hundredth of their age', () => {
    const starts = new Starts(500)
    const at = (id: number) => 1000 + id * 3
    for (let id = 10; id < 400_000; id++) starts.note(id, at(id))
    const now = at(400_000)
    expect(starts.at(3)).toBe(500)
    for (const id of [10, 11, 500, 77_777, 200_000, 399_000, 399_998, 399_999]) {
      const wrong = at(id) - starts.at(id)
      expect(wrong).toBeGreaterThanOrEqual(0)
      expect(wrong).toBeLessThanOrEqual(8 + (now - at(id)) / 50)
    }
    expect(JSON.stringify(starts).length).toBeLessThan(120_000)
  })
})

describe('failures', () => {
  test('have their causes, each once', async () => {
    await run(1, Task.named('load')(Task.fail(new Error('no such file'))), 'reader')
    await run(1, Task.die('bug'))
    await run(1, Task.interrupt)
    const { failures } = state()
    expect(failures).toEqual([
      {
        number: 1,
        at: state().at,
        fiber: expect.any(Number),
        name: 'reader',
        outcome: 'failed',
        text: expect.stringMatching(/^failed: Error: no such file\n.*model\.test\.ts.*in load/s)
      },
      expect.objectContaining({ number: 2, outcome: 'died', text: 'died of a defect: bug\n  in one' })
    ])
    expect(state({ failuresAfter: 1 }).failures).toEqual([failures[1]])
    expect(state({ failuresAfter: 2 }).failures).toEqual([])
    expect(state({ failuresAfter: 3 }).failures).toEqual(failures)
  })

  test('are the last 200, however many there were, and none is formatted before a request', async () => {
    let asked = 0
    class Dear extends Error {
      override get message(): string {
        asked++
        return 'dear'
      }
    }
    await run(1000, Task.fail(new Dear()))
    expect(asked).toBe(0)
    const { failures } = state()
    expect(failures.map(({ number }) => number)).toEqual(
      Array.from({ length: 200 }, (_, index) => 801 + index)
    )
    const once = asked
    expect(once).toBeGreaterThan(0)
    state()
    expect(asked).toBe(once)
  })

  test('are truncated, and survive any content', async () => {
    const hostile = {
      toJSON: () => {
        throw new Error('no')
      }
    }
    await run(1, Task.fail('x'.repeat(1_000_000)))
    await run(1, Task.fail(hostile))
    await run(1, Task.fail('<script>alert(1)</script>'))
    const texts = state().failures.map(({ text }) => text)
    expect(texts[0]).toHaveLength(4000)
    expect(texts[1]).toBe('failed: an object\n  in one')
    expect(texts[2]).toContain('<script>alert(1)</script>')
  })

  test.each(hostileErrors)('of an error %s are listed as any other', async (_, make) => {
    await run(1, Task.fail(make()))
    await run(1, Task.die(make()))
    const [failed, died] = state().failures.map(({ text }) => text)
    expect(failed).toMatch(/^failed: ./)
    expect(died).toMatch(/^died of a defect: ./)
  })

  test('of very large errors, or very many, are truncated before they are cleaned', async () => {
    const clean = vi.spyOn(failureDetails.bound!, 'cleaned')
    const text = 'line\n'.repeat(many / 5)
    await run(1, Task.fail(Object.assign(new Error(text), { stack: text })))
    await run(
      1,
      Task.failCause({
        reasons: Array.from({ length: 10_000 }, (_, n) => new Error(`${n}`)).map(
          (error) => ({ _tag: 'Fail', error }) as const
        ) as unknown as Cause.Cause<Error>['reasons'],
        trace: []
      })
    )
    const texts = state().failures.map((failure) => failure.text)
    expect(texts[0]).toHaveLength(4000)
    expect(texts[1]).toMatch(/^failed: Error: 0\n[\s\S]*\n {2}and 9980 more$/)
    expect(texts[1]?.length).toBeLessThan(4100)
    expect(clean.mock.calls.length).toBeLessThanOrEqual(21)
    for (const [stack] of clean.mock.calls) expect(stack.length).toBeLessThanOrEqual(mostCharacters)
    clean.mockRestore()
  })
})

describe('queues', () => {
  test('have their fill, their waiters and their rate', async () => {
    const lines = new Queue<number>(2, { name: 'lines' })
    const other = new Queue<number>()
    const group = new Group()
    for (let index = 0; index < 5; index++) group.spawnNowait(Task.asUnit(Task.exit(lines.put(index))))
    group.spawnNowait(Task.exit(other.get()))
    await run(1)
    wait(1000)
    const { queues, totals, rates } = state()
    expect(queues.rows.slice(-2)).toEqual([
      {
        id: expect.any(Number),
        name: 'lines',
        size: 2,
        maxsize: 2,
        isClosed: false,
        waitingGets: 0,
        waitingPuts: 3,
        rate: 0.2
      },
      {
        id: expect.any(Number),
        size: 0,
        maxsize: 0,
        isClosed: false,
        waitingGets: 1,
        waitingPuts: 0,
        rate: 0
      }
    ])
    expect(totals.queues).toBe(queues.total)
    expect(rates.items.at(-1)).toBe(2)
    lines.getNowait()
    wait(9000)
    expect(state().queues.rows.at(-2)).toMatchObject({ size: 2, waitingPuts: 2, rate: 0.3 })
    wait(1000)
    expect(state().queues.rows.at(-2)).toMatchObject({ rate: 0.1 })
    group.close()
    await runTask(group.waitClosed())
    lines.close()
    expect(state().queues.rows.at(-2)).toMatchObject({ isClosed: true })
  })

  test('that existed before are listed from their first item on', () => {
    model.stop()
    const queue = new Queue<number>(0, { name: 'early' })
    model = new Model('test')
    expect(state().queues.rows).toEqual([])
    queue.putNowait(1)
    expect(state().queues.rows).toMatchObject([{ id: 1, name: 'early', size: 1 }])
  })

  test('are listed up to 200, the busiest', () => {
    const queues = Array.from({ length: 300 }, (_, index) => new Queue<number>(0, { name: `queue ${index}` }))
    for (const queue of queues.slice(250)) queue.putNowait(1)
    for (const queue of queues.slice(0, 100)) queue.close()
    const { total, rows } = state().queues
    expect(total).toBe(300)
    expect(rows).toHaveLength(200)
    expect(rows.map(({ name }) => name)).toEqual(queues.slice(100).map(({ name }) => name))
    expect(queues).toHaveLength(300)
  })
})

describe('garbage', () => {
  /** A turn of the event loop, so that weak references may be let go of, then all garbage collected. */
  const collect = async (): Promise<void> => {
    setFlagsFromString('--expose-gc')
    const gc: () => void = runInNewContext('gc')
    for (let round = 0; round < 3; round++) {
      await new Promise((resolve) => setImmediate(resolve))
      gc()
    }
  }

  test('is not retained: neither fibers, nor their values, groups or queues', async () => {
    const held: Array<WeakRef<object>> = []
    const remove = addHooks({
      fiberStarted: (fiber) => held.push(new WeakRef(fiber)),
      groupOpened: (group) => held.push(new WeakRef(group)),
      queueMade: (queue) => held.push(new WeakRef(queue))
    })
    await (async () => {
      const group = new Group({ name: 'gone' })
      const queue = new Queue<object>(0, { name: 'gone' })
      const value = { large: true }
      held.push(new WeakRef(value))
      queue.putNowait(value)
      group.spawnNowait(Task.succeed(value), { name: 'gone' })
      group.spawnNowait(Task.never, { name: 'gone' })
      await run(1, Task.succeed(value))
      state({ search: 'gone' })
      group.close()
      await runTask(group.waitClosed())
    })()
    remove()
    expect(held.length).toBeGreaterThan(6)
    await collect()
    expect(held.filter((one) => one.deref() !== undefined)).toEqual([])
    expect(state().queues.total).toBe(0)
  })
})

test('several requests share a snapshot of the tree, an occasional one has its own', async () => {
  const group = new Group()
  const spawn = () => void group.spawnNowait(Task.never)
  const living = () => sum(Object.values(state().totals.fibers))
  spawn()
  expect(living()).toBe(1)
  spawn()
  expect(living()).toBe(2)
  spawn()
  wait(99)
  expect(living()).toBe(2)
  wait(1)
  expect(living()).toBe(3)
  group.close()
  await runTask(group.waitClosed())
})

test('a page polls less often the longer an answer takes', async () => {
  const group = new Group()
  const slow = group.spawnNowait(Task.never)
  if (isLeft(slow)) throw slow.left
  let took = 1
  Object.defineProperty(slow.right, 'status', {
    configurable: true,
    value: () => {
      wait(took)
      return { _tag: 'Ready' }
    }
  })
  expect(state().nextMs).toBe(500)
  took = 4
  wait(10_000)
  expect(state().nextMs).toBe(1000)
  took = 30
  wait(10_000)
  expect(state().nextMs).toBe(2000)
  Reflect.deleteProperty(slow.right, 'status')
  group.close()
  await runTask(group.waitClosed())
})

test('a wait cycle is found, searched once a second at most, and gone when it is broken', async () => {
  expect(state().circles).toEqual([])
  const one = new Semaphore(1)
  const greedy = runFork(pipe(Task.unit, one.withPermits(1), one.withPermits(1)), { name: 'greedy' })
  await runTask(Task.unit)
  wait(999)
  expect(state().circles).toEqual([])
  wait(1)
  expect(state().circles).toEqual([[`greedy #${greedy.id}`]])
  await runTask(greedy.interrupt())
  wait(1000)
  expect(state().circles).toEqual([])
})
