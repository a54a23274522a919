/** Which events hooks receive, from which runtime, and when. */

import { isRight, right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  addHooks,
  Exit,
  FiberLocal,
  Group,
  type Hooks,
  type LiveFiber,
  type LiveGroup,
  makeRuntime,
  Queue,
  runFork,
  runTask,
  runTaskExit,
  Task
} from '../../src/index.js'

/** Notes all that it is told. */
const makeNotes = () => {
  const notes: Array<string> = []
  const fiberName = ({ name }: LiveFiber) => name ?? 'a fiber'
  const partOf = (parent: LiveFiber | LiveGroup | undefined) =>
    parent === undefined ? 'nothing' : 'stage' in parent ? `group ${parent.name}` : fiberName(parent)
  const hooks: Hooks = {
    fiberStarted: (fiber) => notes.push(`${fiberName(fiber)} started in ${partOf(fiber.parent)}`),
    fiberResumed: (fiber) => notes.push(`${fiberName(fiber)} resumed`),
    fiberSuspended: (fiber) => {
      const status = fiber.status()
      notes.push(`${fiberName(fiber)} ${status._tag === 'Waiting' ? `waits for ${status.on}` : status._tag}`)
    },
    fiberEnded: (fiber, exit) =>
      notes.push(`${fiberName(fiber)} ended: ${isRight(exit) ? exit.right : exit.left.reasons[0]._tag}`),
    groupOpened: (group) => notes.push(`group ${group.name} opened in ${partOf(group.parent)}`),
    groupClosing: (group) => notes.push(`group ${group.name} ${group.stage}`),
    groupClosed: (group) => notes.push(`group ${group.name} ${group.stage}`),
    queueMade: (queue) => notes.push(`queue ${queue.name} made`),
    queuePut: (queue) => notes.push(`put, now ${queue.size}`),
    queueTaken: (queue) => notes.push(`taken, now ${queue.size}`),
    queueFilled: (queue) => notes.push(`filled, ${queue.waitingPuts} wait`),
    queueEmptied: (queue) => notes.push(`emptied, ${queue.waitingGets} wait`),
    queueClosed: () => notes.push('queue closed')
  }
  return { hooks, notes }
}

const undos: Array<() => void> = []
afterEach(() => {
  for (const undo of undos.splice(0)) undo()
})
const listen = (hooks: Hooks): void => void undos.push(addHooks(hooks))

describe('the hooks of a fiber', () => {
  test('are called from its start to its end, in order', async () => {
    const { hooks, notes } = makeNotes()
    listen(hooks)
    await runTask(
      pipe(
        Task.sleep(0),
        Task.flatMap(() => Task.yieldNow),
        Task.flatMap(() => Task.succeed('done'))
      ),
      { name: 'main' }
    )
    expect(notes).toEqual([
      'main started in nothing',
      'main resumed',
      'main waits for sleep 0ms',
      'main resumed',
      'main Ready',
      'main resumed',
      'main ended: done'
    ])
  })

  test('are called for its end before its waiters run', async () => {
    const { hooks, notes } = makeNotes()
    listen(hooks)
    await runTask(Task.all([Task.succeed(1), Task.succeed(2)]), { name: 'main' })
    expect(notes).toEqual([
      'main started in nothing',
      'main resumed',
      'a fiber started in main',
      'a fiber started in main',
      'main waits for all',
      'a fiber resumed',
      'a fiber ended: 1',
      'a fiber resumed',
      'a fiber ended: 2',
      'main resumed',
      'main ended: 1,2'
    ])
  })

  test.each([
    ['fails', Task.fail('no'), 'main ended: Fail'],
    ['dies', Task.die('bug'), 'main ended: Die'],
    ['is interrupted', Task.interrupt, 'main ended: Interrupt']
  ])('receive a fiber that %s in that state', async (_, task, last) => {
    const { hooks, notes } = makeNotes()
    listen(hooks)
    await runTaskExit(task, { name: 'main' })
    expect(notes.at(-1)).toBe(last)
  })

  test('receive a fiber that used up its budget as ready', async () => {
    const { hooks, notes } = makeNotes()
    await makeRuntime({ hooks, yieldEvery: 1 }).runTask(
      pipe(
        Task.sync(() => 1),
        Task.map((n) => n + 1)
      ),
      {
        name: 'main'
      }
    )
    expect(notes.filter((note) => note === 'main Ready').length).toBeGreaterThan(0)
    expect(notes.at(-1)).toBe('main ended: 2')
  })

  test('can read the value of a FiberLocal in it', async () => {
    const request = new FiberLocal('none')
    const seen: Array<string> = []
    listen({ fiberSuspended: (fiber) => seen.push(request.of(fiber)) })
    await runTask(
      pipe(
        Task.sleep(0),
        Task.flatMap(() => pipe(Task.sleep(0), request.locally('seven')))
      )
    )
    expect(seen).toEqual(['none', 'seven'])
  })

  test('can set its FiberLocals at its start, which its child fibers inherit', async () => {
    const request = new FiberLocal('none')
    listen({
      fiberStarted: (fiber) => {
        if (fiber.parent === undefined) request.setIn(fiber, `of ${fiber.name}`)
      }
    })
    const program = Task.all([request.get, pipe(request.get, request.locally('own')), request.get])
    expect(await runTask(program, { name: 'main' })).toEqual(Exit.succeed(['of main', 'own', 'of main']))
    expect(await runTask(request.get, { name: 'other' })).toEqual(Exit.succeed('of other'))
  })
})

describe('the hooks of a group', () => {
  test('are called when it opens, closes and is closed, and for its fibers before it', async () => {
    const { hooks, notes } = makeNotes()
    listen(hooks)
    await runTask(
      Task.gen(function* () {
        const group = yield* Group.make({ name: 'outer' })
        const inner = yield* group.createSubgroup({ name: 'inner' })
        yield* inner.spawn(Task.never, { name: 'worker' })
        yield* group.asyncClose()
      }),
      { name: 'main' }
    )
    expect(notes.filter((note) => !note.startsWith('main'))).toEqual([
      'group outer opened in nothing',
      'group inner opened in group outer',
      'worker started in group inner',
      'group outer closing',
      'group inner closing',
      'worker resumed',
      'worker ended: Interrupt',
      'group inner closed',
      'group outer closed'
    ])
  })

  test('within a task name its fiber as the parent', async () => {
    const { hooks, notes } = makeNotes()
    listen(hooks)
    await runTask(
      Task.withGroup(() => Task.succeed(1), { name: 'body' }),
      { name: 'main' }
    )
    expect(notes).toContain('group body opened in main')
    expect(notes).toContain('group body closed')
  })
})

describe('the hooks of a queue', () => {
  test('are called for each item put and taken, and show when it is full and empty', () => {
    const { hooks, notes } = makeNotes()
    listen(hooks)
    const queue = new Queue<number>(2, { name: 'q' })
    queue.putNowait(1)
    queue.putNowait(2)
    queue.putNowait(3)
    queue.getNowait()
    queue.getNowait()
    queue.getNowait()
    queue.close()
    queue.close()
    expect(notes).toEqual([
      'queue q made',
      'put, now 1',
      'put, now 2',
      'filled, 0 wait',
      'taken, now 1',
      'taken, now 0',
      'emptied, 0 wait',
      'queue closed'
    ])
  })

  test('are called for an item handed to a getter, and for an item of a parked put', async () => {
    const { hooks, notes } = makeNotes()
    listen({ ...hooks, fiberStarted: undefined as never, fiberResumed: undefined as never })
    const queue = new Queue<number>(1, { name: 'q' })
    const getter = runFork(queue.get())
    await runTask(Task.yieldNow)
    expect(queue.waitingGets).toBe(1)
    queue.putNowait(1)
    expect(await runTask(getter.join())).toEqual(Exit.succeed(1))
    queue.putNowait(2)
    const putter = runFork(queue.put(3))
    await runTask(Task.yieldNow)
    expect(queue.waitingPuts).toBe(1)
    queue.getNowait()
    await runTask(putter.join())
    expect(notes.filter((note) => !note.startsWith('a fiber'))).toEqual([
      'queue q made',
      'put, now 0',
      'taken, now 0',
      'put, now 1',
      'filled, 0 wait',
      'taken, now 1',
      'put, now 1',
      'filled, 0 wait'
    ])
  })

  test('are those of the runtime of the fiber that made it', async () => {
    const { hooks, notes } = makeNotes()
    const runtime = makeRuntime({ hooks })
    await runtime.runTask(
      Task.gen(function* () {
        const queue = yield* Queue.make<number>(1, { name: 'own' })
        yield* queue.put(1)
      }),
      { name: 'main' }
    )
    expect(notes).toContain('queue own made')
    expect(notes).toContain('put, now 1')
  })
})

describe('registered hooks', () => {
  test('of a runtime receive only its own events', async () => {
    const { hooks, notes } = makeNotes()
    const runtime = makeRuntime({ hooks })
    await runTask(Task.sleep(0), { name: 'other' })
    expect(notes).toEqual([])
    await runtime.runTask(Task.succeed(1), { name: 'own' })
    expect(notes).toEqual(['own started in nothing', 'own resumed', 'own ended: 1'])
  })

  test('of a runtime receive the events of its runSync', () => {
    const { hooks, notes } = makeNotes()
    makeRuntime({ hooks }).runSync(Task.succeed(1))
    expect(notes).toEqual(['a fiber started in nothing', 'a fiber resumed', 'a fiber ended: 1'])
  })

  test('for all runtimes receive existing fibers first, parents before children', async () => {
    const group = new Group({ name: 'g' })
    const nested = Task.all([Task.never, Task.never])
    group.spawnNowait(nested, { name: 'waits' })
    const root = runFork(Task.never, { name: 'root' })
    await runTask(Task.yieldNow)
    const { hooks, notes } = makeNotes()
    listen(hooks)
    expect(notes).toEqual([
      'group g opened in nothing',
      'waits started in group g',
      'waits waits for all',
      'a fiber started in waits',
      'a fiber waits for never',
      'a fiber started in waits',
      'a fiber waits for never',
      'root started in nothing',
      'root waits for never'
    ])
    root.interruptNowait()
    await runTask(group.asyncClose())
  })

  test('added within a time slice receive its fiber and its end', async () => {
    const { hooks, notes } = makeNotes()
    const program = Task.gen(function* () {
      listen(hooks)
      makeRuntime({}).runSync(Task.succeed(2))
      yield* Task.sleep(1)
      return 1
    })
    await runTask(program, { name: 'main' })
    expect(notes).toEqual([
      'main started in nothing',
      'main resumed',
      'a fiber started in nothing',
      'a fiber resumed',
      'a fiber ended: 2',
      'main waits for sleep 1ms',
      'main resumed',
      'main ended: 1'
    ])
  })

  test('added within a nested run receive both time slices, the inner one last', async () => {
    const { hooks, notes } = makeNotes()
    const inner = Task.sync(() => listen(hooks))
    const outer = Task.sync(() => makeRuntime({}).runSync(inner))
    const program = Task.withGroup((group: Group) =>
      pipe(
        group.spawn(outer, { name: 'outer' }),
        Task.flatMap((fiber) => fiber.join())
      )
    )
    await runTask(program, { name: 'main' })
    expect(notes.filter((note) => / resumed|ended/.test(note)).slice(0, 4)).toEqual([
      'outer resumed',
      'a fiber resumed',
      'a fiber ended: undefined',
      'outer ended: [object Object]'
    ])
  })

  test('receive the children of a fiber that was interrupted and has not run since', async () => {
    const root = runFork(Task.all([Task.never]), { name: 'root' })
    await runTask(Task.yieldNow)
    root.interruptNowait()
    const { hooks, notes } = makeNotes()
    listen(hooks)
    expect(notes).toEqual(['root started in nothing', 'a fiber started in root'])
    await runTask(root.wait())
  })

  test('are not called after their removal, which affects no others', async () => {
    const one = makeNotes()
    const two = makeNotes()
    const undo = addHooks(one.hooks)
    listen(two.hooks)
    undo()
    undo()
    await runTask(Task.succeed(1), { name: 'main' })
    expect(one.notes).toEqual([])
    expect(two.notes.length).toBe(3)
  })

  test('may be methods of an object', async () => {
    class Count implements Hooks {
      ended = 0
      fiberEnded(): void {
        this.ended++
      }
    }
    const count = new Count()
    listen(count)
    await runTask(Task.succeed(1))
    expect(count.ended).toBe(1)
  })

  test('that remove themselves during an event do not affect others', async () => {
    const { hooks, notes } = makeNotes()
    const undo = addHooks({ fiberStarted: () => undo() })
    listen(hooks)
    await runTask(Task.succeed(1), { name: 'main' })
    expect(notes).toEqual(['main started in nothing', 'main resumed', 'main ended: 1'])
  })
})

describe('a hook that throws', () => {
  const bad = (): never => {
    throw new Error('bad hook')
  }

  test('for a fiber goes to the reporter, and the program continues', async () => {
    const told: Array<unknown> = []
    const runtime = makeRuntime({
      hooks: { fiberStarted: bad, fiberResumed: bad, fiberSuspended: bad, fiberEnded: bad },
      reporter: (cause) => told.push(cause.reasons[0])
    })
    expect(await runtime.runTask(pipe(Task.sleep(0), Task.as(1)))).toEqual(Exit.succeed(1))
    const died = { _tag: 'Die', defect: new Error('bad hook') }
    expect(told).toEqual([died, died, died, died, died])
  })

  test('for an existing fiber does not prevent the other events', async () => {
    const told: Array<unknown> = []
    const { runFork } = makeRuntime({ reporter: (cause) => told.push(cause.reasons[0]) })
    const group = new Group({ name: 'g' })
    group.spawnNowait(Task.never)
    const root = runFork(Task.never)
    await runTask(Task.yieldNow)
    const write = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const ended: Array<LiveFiber> = []
    listen({
      fiberStarted: bad,
      fiberSuspended: bad,
      groupOpened: bad,
      fiberEnded: (fiber) => ended.push(fiber)
    })
    const died = { _tag: 'Die', defect: new Error('bad hook') }
    expect(told).toEqual([died, died])
    expect(write.mock.calls.filter(([text]) => String(text).includes('groupOpened'))).toHaveLength(1)
    write.mockRestore()
    root.interruptNowait()
    await runTask(group.asyncClose())
    expect(ended).toContain(root)
  })

  test('for groups and queues is written to stderr, and the program continues', async () => {
    const write = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    listen({ groupOpened: bad, groupClosing: bad, groupClosed: bad, queueMade: bad, queuePut: bad })
    const group = new Group()
    await runTask(group.asyncClose())
    expect(group.isClosed).toBe(true)
    const queue = new Queue<number>()
    expect(queue.putNowait(1)).toEqual(right(undefined))
    expect(write.mock.calls.map(([text]) => String(text).split(' has')[0])).toEqual([
      'aio-ts: the hook groupOpened',
      'aio-ts: the hook groupClosing',
      'aio-ts: the hook groupClosed',
      'aio-ts: the hook queueMade',
      'aio-ts: the hook queuePut'
    ])
    write.mockRestore()
  })
})

test.each([
  ['nothing', undefined, 'addHooks: expected an object of hooks, got undefined'],
  ['null', null, 'addHooks: expected an object of hooks, got null'],
  ['a value that is no function', { fiberEnded: 1 }, 'addHooks: expected fiberEnded to be a function, got 1']
])('%s in place of hooks is refused', (_, hooks, message) => {
  expect(() => addHooks(hooks as unknown as Hooks)).toThrow(message)
  if (hooks !== undefined)
    expect(() => makeRuntime({ hooks: hooks as unknown as Hooks })).toThrow(
      message.replace('addHooks', 'makeRuntime')
    )
})
