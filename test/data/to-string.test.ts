/** What `console.log`, `String` and `JSON.stringify` show of the library's objects: one line, without internals. */
import { inspect } from 'node:util'
import { Deferred, FiberLocal, Group, Latch, Queue, runFork, runSync, runTask, Semaphore, Task } from 'aio-ts'
import { left, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, expect, it } from 'vitest'

/** As each of the three shows it, which is the same for the first two. */
const shown = (value: object): { readonly text: string; readonly json: unknown } => {
  const text = String(value)
  expect(inspect(value)).toBe(text)
  expect(inspect({ nested: [value] }, { depth: 5 })).toBe(`{ nested: [ ${text} ] }`)
  expect(text).not.toContain('\n')
  const json: unknown = JSON.parse(JSON.stringify(value))
  return { text, json }
}

const parked = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a Task', () => {
  it.each<readonly [Task.Task<unknown, unknown>, string]>([
    [Task.succeed(1), 'Task (succeed)'],
    [Task.fail('e'), 'Task (fail)'],
    [Task.die('e'), 'Task (failCause)'],
    [Task.sync(() => 1), 'Task (sync)'],
    [Task.map((x) => x)(Task.unit), 'Task (map)'],
    [Task.flatMap(() => Task.unit)(Task.unit), 'Task (flatMap)'],
    [Task.suspend(() => Task.unit), 'Task (suspend)'],
    [Task.yieldNow, 'Task (yieldNow)'],
    [Task.orElse(() => Task.unit)(Task.unit), 'Task (orElse)'],
    [Task.catchCause(() => Task.unit)(Task.unit), 'Task (catchCause)'],
    // Those that bundles without them do not hold are known by their names alone.
    [Task.sleep(5), 'Task'],
    [new Queue<number>().get(), 'Task'],
    [pipe(Task.sleep(5), Task.named('wait a bit')), 'Task wait a bit'],
    [pipe(Task.unit, Task.named('nothing')), 'Task nothing (succeed)'],
    [pipe(Task.unit, Task.named('inner'), Task.named('outer')), 'Task outer (named)']
  ])('%#', (task, text) => {
    expect(shown(task).text).toBe(text)
  })

  it('has the same text in JSON, and not the code that it runs', () => {
    expect(shown(pipe(Task.unit, Task.named('nothing'))).json).toBe('Task nothing (succeed)')
    expect(JSON.stringify({ next: Task.sleep(5) })).toBe('{"next":"Task"}')
  })

  it('may be deeply nested', () => {
    let task: Task.Task<never, number> = Task.succeed(0)
    for (let depth = 0; depth < 100_000; depth++) task = Task.map((x: number) => x + 1)(task)
    expect(shown(task).text).toBe('Task (map)')
  })
})

it('a Fiber is shown on one line', async () => {
  const waiting = runFork(Task.never, { name: 'loader' })
  const succeeded = runFork(Task.succeed(1))
  const failed = runFork(Task.fail(new Error('no')))
  const died = runFork(Task.die('no'))
  failed.poll()
  died.poll()
  await parked()
  expect(shown(waiting)).toEqual({
    text: `Fiber #${waiting.id} loader (waits for never)`,
    json: { fiber: waiting.id, name: 'loader', status: { _tag: 'Waiting', on: 'never' } }
  })
  await runTask(waiting.interrupt())
  expect(shown(waiting).text).toBe(`Fiber #${waiting.id} loader (interrupted)`)
  expect(shown(succeeded).text).toBe(`Fiber #${succeeded.id} (succeeded)`)
  expect(shown(failed).text).toBe(`Fiber #${failed.id} (failed)`)
  expect(shown(died).text).toBe(`Fiber #${died.id} (died)`)
  const own = runSync(Task.map(String)(Task.currentFiber))
  expect(own).toEqual(right(expect.stringMatching(/^Fiber #\d+ \(running\)$/)))
})

it('showing a fiber does not observe its exit', async () => {
  const reports: Array<unknown> = []
  const write = console.error
  console.error = (...words) => reports.push(words.join(' '))
  try {
    const fiber = runFork(Task.die('a bug'))
    shown(fiber)
    await parked()
    shown(fiber)
    await parked()
  } finally {
    console.error = write
  }
  expect(reports.join()).toContain('a bug')
})

it('a Group is shown on one line', async () => {
  const group = new Group({ name: 'web' })
  expect(shown(group)).toMatchObject({
    text: 'Group web (open, 0 fibers)',
    json: { _tag: 'Group', name: 'web', stage: 'open', size: 0 }
  })
  const gate = new Deferred<never, void>()
  group.spawnNowait(Task.uninterruptible(gate.wait()))
  await parked()
  group.close()
  expect(shown(group).text).toBe('Group web (closing, 1 fiber)')
  gate.succeed(undefined)
  await runTask(group.waitClosed())
  expect(shown(group).text).toBe('Group web (closed, 0 fibers)')
  expect(shown(new Group()).text).toBe('Group (open, 0 fibers)')
})

it('a Queue is shown on one line', async () => {
  const queue = new Queue<string>(2, { name: 'lines' })
  expect(shown(queue)).toEqual({
    text: 'Queue lines (open, 0 of 2 items)',
    json: {
      _tag: 'Queue',
      name: 'lines',
      isClosed: false,
      size: 0,
      maxsize: 2,
      waitingGets: 0,
      waitingPuts: 0
    }
  })
  const puts = ['a', 'b', 'c'].map((item) => runFork(Task.either(queue.put(item))))
  await parked()
  expect(shown(queue).text).toBe('Queue lines (open, 2 of 2 items, 1 waiting put)')
  queue.close()
  expect(shown(queue).text).toBe('Queue lines (closed, 2 of 2 items)')
  for (const put of puts) await runTask(put.wait())
  const unbounded = new Queue<string>()
  const gets = [1, 2].map(() => runFork(unbounded.get()))
  await parked()
  expect(shown(unbounded).text).toBe('Queue (open, 0 items, 2 waiting gets)')
  for (const get of gets) await runTask(get.interrupt())
  unbounded.putNowait('a')
  expect(shown(unbounded).text).toBe('Queue (open, 1 item)')
})

it('a Deferred is shown on one line', async () => {
  const pending = new Deferred<never, number>()
  const waiting = runFork(pending.wait())
  await parked()
  expect(shown(pending)).toEqual({
    text: 'Deferred (pending, 1 waiting)',
    json: { _tag: 'Deferred', state: 'pending', waiting: 1 }
  })
  pending.succeed(42)
  await runTask(waiting.wait())
  expect(shown(pending)).toEqual({
    text: 'Deferred (succeeded)',
    json: { _tag: 'Deferred', state: 'succeeded', waiting: 0 }
  })
  const failed = new Deferred<string, number>()
  failed.fail('no')
  expect(shown(failed).text).toBe('Deferred (failed)')
  const died = new Deferred<string, number>()
  died.done(left({ reasons: [{ _tag: 'Die', defect: 1 }], trace: [] }))
  expect(shown(died).text).toBe('Deferred (failed)')
})

it('a Semaphore is shown on one line', async () => {
  const semaphore = new Semaphore(2)
  expect(shown(semaphore)).toEqual({
    text: 'Semaphore (2 of 2 permits free)',
    json: { _tag: 'Semaphore', available: 2, permits: 2, waiting: 0 }
  })
  const holders = [1, 2].map((n) => runFork(semaphore.withPermits(n)(Task.never)))
  await parked()
  expect(shown(semaphore).text).toBe('Semaphore (1 of 2 permits free, 1 waiting)')
  for (const holder of holders) await runTask(holder.interrupt())
  expect(shown(new Semaphore(1)).text).toBe('Semaphore (1 of 1 permit free)')
})

it('a Latch is shown on one line', async () => {
  const latch = new Latch()
  const waiting = runFork(latch.wait())
  await parked()
  expect(shown(latch)).toEqual({
    text: 'Latch (shut, 1 waiting)',
    json: { _tag: 'Latch', isOpen: false, waiting: 1 }
  })
  latch.open()
  await runTask(waiting.wait())
  expect(shown(latch).text).toBe('Latch (open)')
})

it('a FiberLocal is shown on one line', () => {
  expect(shown(new FiberLocal('none'))).toEqual({
    text: 'FiberLocal (initially "none" (a string))',
    json: { _tag: 'FiberLocal' }
  })
  const hostile = Object.defineProperty({}, 'constructor', {
    get() {
      throw new Error('getter')
    }
  })
  expect(shown(new FiberLocal(hostile)).text).toBe('FiberLocal (initially an object)')
})

it('the objects stay unchanged for comparing, copying and cloning', () => {
  expect(Object.keys(Task.succeed(1))).not.toContain('toString')
  expect(Object.keys(new Latch())).not.toContain('toJSON')
  expect(Object.prototype.toString.call(new Queue())).toBe('[object Object]')
})
