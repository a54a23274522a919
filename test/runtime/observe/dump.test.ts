/** What `dump` shows: the wait of each fiber, the fibers that could wake it, and wait cycles. */
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, test } from 'vitest'
import {
  addHooks,
  deadlocks as circlesNow,
  Deferred,
  dump,
  type Fiber,
  Group,
  Latch,
  Queue,
  runFork,
  runTask,
  Semaphore,
  Task
} from '../../../src/index.js'

const running: Array<Fiber<unknown, unknown>> = []
afterEach(async () => {
  for (const fiber of running) fiber.interruptNowait()
  for (const fiber of running.splice(0)) await runTask(fiber.wait())
})

/** Runs until it waits. Gives its fiber. */
const start = async <E, A>(name: string, task: Task.Task<E, A>): Promise<Fiber<E, A>> => {
  const fiber = runFork(task, { name })
  running.push(fiber)
  await settle()
  return fiber
}

/** Everybody has had all the turns that they could have. */
const settle = () => runTask(Task.yieldNow)

/** The dump without the numbers of fibers and their ages. */
const shown = (): ReadonlyArray<string> =>
  dump()
    .replace(/#\d+ /g, '#N ')
    .replace(/#\d+(?=,|$| {2})/gm, '#N')
    .replace(/ {2}[\d.]+m?s {2}/g, '  now  ')
    .split('\n')

describe('the fibers that could wake a waiter', () => {
  test.each<[string, () => Task.Task<unknown, unknown>]>([
    ['Queue.get (until a put or a close)', () => new Queue().get()],
    ['Queue.get jobs (until a put or a close)', () => new Queue(1, { name: 'jobs' }).get()],
    [
      'Queue.put (until a get or a close)',
      () => {
        const queue = new Queue<number>(1)
        queue.putNowait(1)
        return queue.put(2)
      }
    ],
    ['Deferred.wait (until somebody completes it)', () => new Deferred().wait()],
    ['Latch.wait (until somebody opens it)', () => new Latch().wait()],
    [
      'Semaphore.withPermits (until permits are given back)',
      () => {
        const one = new Semaphore(1)
        return pipe(Task.unit, one.withPermits(1), one.withPermits(1))
      }
    ],
    ['Group.waitClosing g (until somebody closes it)', () => new Group({ name: 'g' }).waitClosing()],
    ['Group.waitClosed (until it is closed and all in it has ended)', () => new Group().waitClosed()],
    ['async (until its callback is called)', () => Task.async(() => Task.unit)],
    ['promise (until it settles)', () => Task.promise(() => new Promise(() => undefined))],
    ['never (until somebody interrupts it)', () => Task.never],
    ['sleep 60000ms', () => Task.sleep(60_000)]
  ])('%s', async (words, task) => {
    await start('it', task())
    expect(shown()[0]).toBe(`fiber #N it  now  waits for ${words}`)
  })

  test('those below it, also if it was interrupted and has not run since', async () => {
    const main = await start('main', Task.all([Task.never]))
    main.interruptNowait()
    expect(shown()).toEqual(['fiber #N main  now  ready', '  fiber #N  now  ready'])
  })

  test('those below it, if it has started fibers', async () => {
    await start('it', Task.all([Task.never, Task.sleep(60_000)]))
    expect(shown()).toEqual([
      'fiber #N it  now  waits for all',
      '  fiber #N  now  waits for never (until somebody interrupts it)',
      '  fiber #N  now  waits for sleep 60000ms'
    ])
  })
})

/** The circles alone. */
const circles = (): ReadonlyArray<string> => shown().filter((line) => line.startsWith('wait cycle'))

describe('a wait cycle', () => {
  test('of two fibers that join each other', async () => {
    const second = new Deferred<never, Fiber<never, void>>()
    const joins = pipe(
      second.wait(),
      Task.flatMap((fiber) => fiber.join())
    )
    const a = await start('a', joins)
    const b = await start('b', a.join())
    second.succeed(b)
    await settle()
    expect(circles()).toEqual(['wait cycle: #N a joins #N b, #N b joins #N a'])
  })

  test('of two fibers that take two permits in opposite order', async () => {
    const [fork, knife, gate] = [new Semaphore(1), new Semaphore(1), new Latch()]
    const eat = (first: Semaphore, second: Semaphore) =>
      pipe(
        gate.wait(),
        Task.flatMap(() => pipe(Task.unit, second.withPermits(1))),
        first.withPermits(1)
      )
    await start('left', eat(fork, knife))
    await start('right', eat(knife, fork))
    gate.open()
    await settle()
    expect(circles()).toEqual([
      'wait cycle: #N left waits for permits that #N right holds, #N right waits for permits that #N left holds'
    ])
  })

  test('of one fiber that waits for permits that it holds itself', async () => {
    const one = new Semaphore(1)
    await start('greedy', pipe(Task.unit, one.withPermits(1), one.withPermits(1)))
    expect(circles()).toEqual(['wait cycle: #N greedy waits for permits that #N greedy holds'])
  })

  test('through child fibers', async () => {
    const self = new Deferred<never, Fiber<never, unknown>>()
    const child = pipe(
      self.wait(),
      Task.flatMap((fiber) => fiber.join())
    )
    const parent = await start('parent', Task.all([child, Task.never]))
    self.succeed(parent)
    await settle()
    expect(circles()).toEqual([
      'wait cycle: #N parent waits for #N, which it has started, #N joins #N parent'
    ])
  })

  test('through a group that a fiber waits for', async () => {
    const [group, gate] = [new Group({ name: 'workers' }), new Latch()]
    const closer = await start(
      'closer',
      pipe(
        gate.wait(),
        Task.flatMap(() => group.asyncClose({ interrupt: false }))
      )
    )
    group.spawnNowait(closer.join(), { name: 'worker' })
    gate.open()
    await settle()
    expect(circles()).toEqual([
      'wait cycle: #N closer waits until group workers (closing) is closed, in which #N worker is, #N worker joins #N closer'
    ])
    group.close()
    await runTask(group.waitClosed())
  })

  test('is neither a chain, nor a wait for a fiber that can continue', async () => {
    const a = await start('a', Task.sleep(60_000))
    const b = await start('b', a.join())
    await start('c', Task.all([b.join(), a.join()]))
    const one = new Semaphore(1)
    await start('holder', pipe(Task.never, one.withPermits(1)))
    await start('waiter', pipe(Task.unit, one.withPermits(1)))
    expect(circles()).toEqual([])
  })

  test('does not exist if a fiber outside of it may return enough permits', async () => {
    const two = new Semaphore(2)
    const waiter = new Deferred<never, Fiber<never, unknown>>()
    const joining = pipe(
      waiter.wait(),
      Task.flatMap((fiber) => fiber.join())
    )
    await start('joins', pipe(joining, two.withPermits(1)))
    await start('other', pipe(Task.never, two.withPermits(1)))
    const first = await start('first', pipe(Task.unit, two.withPermits(1)))
    waiter.succeed(first)
    await settle()
    expect(circles()).toEqual([])
  })

  test('exists if fibers outside of it cannot return enough permits, for the first waiter or a later one', async () => {
    const two = new Semaphore(2)
    const all = new Deferred<never, Fiber<never, unknown>>()
    const joining = pipe(
      all.wait(),
      Task.flatMap((fiber) => fiber.join())
    )
    await start('joins', pipe(joining, two.withPermits(1)))
    await start('other', pipe(Task.never, two.withPermits(1)))
    await start('takes one', pipe(Task.unit, two.withPermits(1)))
    const both = await start('takes two', pipe(Task.unit, two.withPermits(2)))
    all.succeed(both)
    await settle()
    expect(circles()).toEqual([
      'wait cycle: #N joins joins #N takes two, #N takes two waits for permits that #N joins holds'
    ])
  })

  test('does not contain permits that were returned', async () => {
    const [first, second] = [new Semaphore(1), new Semaphore(1)]
    await start(
      'gives back',
      pipe(
        Task.unit,
        first.withPermits(1),
        Task.flatMap(() => pipe(Task.never, second.withPermits(1)))
      )
    )
    await start('other', pipe(Task.unit, second.withPermits(1), first.withPermits(1)))
    expect(circles()).toEqual([])
  })

  test('is named once, up to ten of them', async () => {
    const pairs = Array.from({ length: 12 }, () => new Semaphore(1))
    for (const one of pairs) await start('greedy', pipe(Task.unit, one.withPermits(1), one.withPermits(1)))
    expect(circles()).toHaveLength(10)
    expect(new Set(dump().match(/wait cycle: #\d+/g)).size).toBe(10)
  })

  test('is searched also in a group with 200,000 subgroups', { timeout: 60_000 }, async () => {
    const group = new Group()
    const make = pipe(
      group.createSubgroup(),
      Task.flatMap((below) => below.spawn(Task.never))
    )
    await runTask(Task.forEach(() => make)(Array.from({ length: 200_000 })))
    expect(circlesNow()).toEqual([])
    let told = 0
    addHooks({ groupOpened: () => void told++ })()
    expect(told).toBe(200_001)
    await runTask(group.asyncClose())
  })

  test('of 20,000 fibers is found in linear time', async () => {
    const first = new Deferred<never, Fiber<never, unknown>>()
    let last: Fiber<never, unknown> = await start(
      'first',
      pipe(
        first.wait(),
        Task.flatMap((fiber) => fiber.join())
      )
    )
    for (let n = 0; n < 20_000; n++) {
      last = runFork(last.join())
      running.push(last)
    }
    await settle()
    first.succeed(last)
    await settle()
    const [circle] = circles()
    expect(circle?.match(/joins/g)).toHaveLength(20_001)
  })
})
