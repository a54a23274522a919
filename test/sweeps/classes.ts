/**
 * Programs for the methods of queues, groups, fibers and other classes, by the name of the method; and for hat.aio's functions.
 *
 * The types have all public methods. Private methods are listed as well, since a test cannot tell the two apart.
 */
import {
  call,
  callOnCancel,
  callOnDone,
  Deferred,
  Exit,
  type Fiber,
  FiberLocal,
  first,
  Group,
  Latch,
  Queue,
  type Resource,
  runFork,
  Semaphore,
  Task
} from 'aio-ts'
import { right } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { Fail, failure, success } from '../support/exits.js'
import type { Kit, Sweep } from './operation.js'

/** The methods of a class; its properties run nothing. */
type Methods<C> = { [K in keyof C]: C[K] extends (...args: never) => unknown ? K : never }[keyof C]
type Sweeps<C, Properties extends PropertyKey = never> = {
  readonly [K in Exclude<Methods<C>, Properties | 'toJSON' | 'toString'>]: Sweep
}

/** `self` beside `after`, which runs some steps later. */
const beside = (
  kit: Kit,
  self: Task.Task<unknown, unknown>,
  after: () => unknown
): Task.Task<unknown, unknown> =>
  pipe(
    Task.all([kit.around(self), pipe(kit.work(0), Task.map(after))]),
    Task.map(([result]) => result)
  )

const onQueue =
  (maxsize: number, f: (queue: Queue<number>, kit: Kit) => Task.Task<unknown, unknown>) =>
  (kit: Kit): Task.Task<unknown, unknown> =>
    Task.flatMap((queue: Queue<number>) => f(queue, kit))(Queue.make<number>(maxsize))

const full = (queue: Queue<number>): void => {
  for (let item = 1; !queue.isFull; item++) queue.putNowait(item)
}

export const queueMethods: Sweeps<Queue<number>> = {
  put: [
    onQueue(1, (queue, kit) => {
      full(queue)
      return beside(kit, queue.put(2), () => queue.getNowait())
    }),
    success(undefined)
  ],
  putNowait: [
    onQueue(1, (queue, { work }) => Task.map(() => queue.putNowait(1))(work(0))),
    success(right(undefined))
  ],
  get: [onQueue(0, (queue, kit) => beside(kit, queue.get(), () => queue.putNowait(1))), success(1)],
  getNowait: [
    onQueue(2, (queue, { work }) => {
      full(queue)
      return Task.map(() => queue.getNowait())(work(0))
    }),
    success(right(1))
  ],
  getUntilEmpty: [
    onQueue(0, (queue, kit) =>
      beside(kit, queue.getUntilEmpty(), () => [1, 2].map((n) => queue.putNowait(n)))
    ),
    success(2)
  ],
  getNowaitUntilEmpty: [
    onQueue(3, (queue, { work }) => {
      full(queue)
      return Task.map(() => queue.getNowaitUntilEmpty())(work(0))
    }),
    success(right(3))
  ],
  getAll: [
    onQueue(2, (queue, { work }) => {
      full(queue)
      return Task.flatMap(work)(queue.getAll())
    }),
    success([1, 2])
  ],
  forEach: [
    onQueue(3, (queue, { work }) => {
      full(queue)
      queue.close()
      return queue.forEach(work)
    }),
    success(undefined)
  ],
  close: [
    onQueue(0, (queue, kit) =>
      beside(kit, Task.match(String, () => 'item')(Task.mapError(() => 'closed')(queue.get())), () =>
        queue.close()
      )
    ),
    success('closed')
  ],
  [Symbol.asyncIterator]: [
    onQueue(2, (queue, { around }) => {
      full(queue)
      queue.close()
      const walk = async (): Promise<ReadonlyArray<number>> => {
        const items: Array<number> = []
        for await (const item of queue) items.push(item)
        return items
      }
      return around(Task.promise(walk))
    }),
    success([1, 2])
  ]
}
export const queueInternals: ReadonlyArray<string> = [
  'lookForRoom',
  'lookForItem',
  'offer',
  'take',
  'drain',
  'emitHandOff',
  'emitPut',
  'emitTake',
  'collect'
]

const onGroup =
  (f: (group: Group<unknown>, kit: Kit) => Task.Task<unknown, unknown>) =>
  (kit: Kit): Task.Task<unknown, unknown> =>
    Task.bracket(
      Group.make<unknown>({ onFailure: () => {} }),
      (group) => f(group, kit),
      (group) => group.asyncClose()
    )

export const groupMethods: Sweeps<Group<unknown>, keyof Resource> = {
  spawn: [
    onGroup((group, { work }) =>
      Task.flatMap((fiber: Fiber<unknown, number>) => fiber.join())(group.spawn(work(1)))
    ),
    success(1)
  ],
  spawnNowait: [
    onGroup((group, { work }) =>
      Task.flatMap((fiber: Fiber<unknown, number>) => fiber.join())(
        Task.suspend(() => Task.fromEither(group.spawnNowait(work(1))))
      )
    ),
    success(1)
  ],
  wrap: [
    onGroup((group, { around }) =>
      around(
        Task.flatMap((fiber: Fiber<unknown, number>) => fiber.join())(
          Task.suspend(() => group.wrap(Promise.resolve(1)))
        )
      )
    ),
    success(1)
  ],
  createSubgroup: [
    onGroup((group, { around }) =>
      Task.gen(function* () {
        const child = yield* group.createSubgroup()
        yield* child.spawn(around(Task.never))
        yield* Task.yieldNow
        yield* child.asyncClose()
        return child.isClosed
      })
    ),
    success(true)
  ],
  acquire: [
    onGroup((group, { work }) => Task.flatMap(work)(group.acquire(work(1), () => work(0)))),
    success(1)
  ]
}

export const resourceMethods: Sweeps<Resource> = {
  waitClosing: [
    onGroup((group, kit) => beside(kit, group.waitClosing(), () => group.close())),
    success(undefined)
  ],
  waitClosed: [
    onGroup((group, kit) => beside(kit, group.waitClosed(), () => group.close())),
    success(undefined)
  ],
  close: [
    onGroup((group, { around }) =>
      Task.gen(function* () {
        yield* group.spawn(around(Task.never))
        yield* Task.yieldNow
        group.close({ graceMs: 3 })
        yield* group.waitClosed()
        return group.isClosed
      })
    ),
    success(true)
  ],
  asyncClose: [
    onGroup((group, { around }) =>
      Task.gen(function* () {
        yield* group.spawn(around(Task.never))
        yield* group.asyncClose()
        return group.isClosed
      })
    ),
    success(true)
  ],
  [Symbol.asyncDispose]: [
    onGroup((group, { around }) =>
      Task.gen(function* () {
        yield* group.spawn(around(Task.never))
        yield* Task.promise(() => group[Symbol.asyncDispose]())
        return group.isClosed
      })
    ),
    success(true)
  ]
}

export const deferredMethods: Sweeps<Deferred<string, number>> = {
  wait: [
    (kit) => {
      const deferred = new Deferred<string, number>()
      return beside(kit, deferred.wait(), () => deferred.succeed(1))
    },
    success(1)
  ],
  succeed: [
    (kit) => {
      const deferred = new Deferred<string, number>()
      return beside(kit, Task.all([deferred.wait(), deferred.wait()]), () => deferred.succeed(1))
    },
    success([1, 1])
  ],
  fail: [
    (kit) => {
      const deferred = new Deferred<string, number>()
      return beside(kit, deferred.wait(), () => deferred.fail('e'))
    },
    failure(Fail('e'))
  ],
  done: [
    (kit) => {
      const deferred = new Deferred<string, number>()
      return beside(kit, deferred.wait(), () => deferred.done(Exit.succeed(1)))
    },
    success(1)
  ]
}
export const deferredInternals: ReadonlyArray<string> = ['look', 'complete']

/** Whatever happens, all permits are back. */
const onSemaphore =
  (permits: number, f: (semaphore: Semaphore, kit: Kit) => Task.Task<unknown, unknown>) =>
  (kit: Kit): Task.Task<unknown, unknown> =>
    Task.suspend(() => {
      const semaphore = new Semaphore(permits)
      const check = Task.sync(() => {
        if (semaphore.available !== permits)
          throw new Error(`${semaphore.available} permits of ${permits} are left`)
      })
      return pipe(f(semaphore, kit), Task.ensuring(check))
    })

export const semaphoreMethods: Sweeps<Semaphore> = {
  withPermits: [
    onSemaphore(2, (semaphore, { work }) =>
      Task.all([
        pipe(work(1), semaphore.withPermits(1)),
        pipe(work(2), semaphore.withPermits(2)),
        pipe(work(3), semaphore.withPermits(1))
      ])
    ),
    success([1, 2, 3])
  ],
  tryWithPermits: [
    onSemaphore(1, (semaphore, { work }) =>
      pipe(
        work(1),
        semaphore.tryWithPermits(1),
        Task.map((option) => option._tag)
      )
    ),
    success('Some')
  ]
}
export const semaphoreInternals: ReadonlyArray<string> = [
  'holding',
  'look',
  'check',
  'tryTake',
  'release',
  'serve'
]

const onLatch = (open: boolean, f: (latch: Latch, kit: Kit) => Task.Task<unknown, unknown>) => (kit: Kit) =>
  Task.flatMap((latch: Latch) => f(latch, kit))(Latch.make(open))

export const latchMethods: Sweeps<Latch> = {
  wait: [onLatch(false, (latch, kit) => beside(kit, latch.wait(), () => latch.open())), success(undefined)],
  open: [
    onLatch(false, (latch, kit) => beside(kit, Task.all([latch.wait(), latch.wait()]), () => latch.open())),
    success([undefined, undefined])
  ],
  shut: [
    onLatch(true, (latch, { around }) => {
      latch.shut()
      return pipe(
        around(latch.wait()),
        Task.timeout(3),
        Task.match(
          (e) => e._tag,
          () => 'passed'
        )
      )
    }),
    success('TimeoutError')
  ]
}
export const latchInternals: ReadonlyArray<string> = ['look']

export const fiberLocalMethods: Sweeps<FiberLocal<number>> & { readonly get: Sweep } = {
  get: [({ work }) => Task.flatMap(work)(new FiberLocal(1).get), success(1)],
  locally: [
    ({ work }) =>
      Task.suspend(() => {
        const local = new FiberLocal(1)
        return pipe(
          work(0),
          Task.flatMap(() => local.get),
          local.locally(2),
          Task.zip(local.get)
        )
      }),
    success([2, 1])
  ],
  of: [
    ({ work }) =>
      Task.suspend(() => {
        const local = new FiberLocal(1)
        const look = Task.map((fiber: Fiber<unknown, unknown>) => local.of(fiber))(Task.currentFiber)
        return pipe(
          work(0),
          Task.flatMap(() => look),
          local.locally(2),
          Task.zip(look)
        )
      }),
    success([2, 1])
  ],
  setIn: [
    ({ work }) =>
      Task.suspend(() => {
        const local = new FiberLocal(1)
        return pipe(
          Task.currentFiber,
          Task.tap((fiber) => Task.sync(() => local.setIn(fiber, 2))),
          Task.flatMap(() => work(0)),
          Task.flatMap(() => local.get)
        )
      }),
    success(2)
  ]
}

const onFiber =
  (f: (fiber: Fiber<unknown, number>, kit: Kit) => Task.Task<unknown, unknown>) =>
  (kit: Kit): Task.Task<unknown, unknown> =>
    onGroup((group) =>
      Task.flatMap((fiber: Fiber<unknown, number>) => f(fiber, kit))(group.spawn(kit.work(1)))
    )(kit)

export const fiberMethods: Sweeps<Fiber<unknown, number>> = {
  join: [onFiber((fiber) => fiber.join()), success(1)],
  wait: [
    onFiber((fiber) =>
      pipe(
        fiber.wait(),
        Task.map((exit) => exit._tag)
      )
    ),
    success('Right')
  ],
  interrupt: [
    onFiber((fiber) =>
      pipe(
        fiber.interrupt(),
        Task.map((exit) => exit._tag)
      )
    ),
    success('Left')
  ],
  interruptNowait: [
    onFiber((fiber) =>
      Task.suspend(() => {
        fiber.interruptNowait()
        return pipe(
          fiber.wait(),
          Task.map((exit) => exit._tag)
        )
      })
    ),
    success('Left')
  ],
  poll: [
    onFiber((fiber, { work }) => Task.map(() => fiber.poll()._tag)(Task.tap(() => fiber.wait())(work(0)))),
    success('Some')
  ],
  status: [onFiber((fiber) => Task.map(() => fiber.status()._tag)(fiber.wait())), success('Done')]
}

export const functions = {
  call: [({ work }) => call(work, 1), success(1)],
  callOnCancel: [({ work }) => pipe(callOnCancel(work, 1), Task.timeout(3)), success(1)],
  callOnDone: [({ work }) => callOnDone(work(0), work, 1), success(1)],
  first: [
    onQueue(0, (queue, kit) =>
      beside(
        kit,
        Task.map((option: { readonly _tag: string }) => option._tag)(first(queue, (n) => n > 1)),
        () => [1, 2].map((n) => queue.putNowait(n))
      )
    ),
    success('Some')
  ]
} satisfies Readonly<Record<string, Sweep>>

/** A fiber, for its methods. */
export const aFiber: Fiber<never, void> = runFork(Task.unit)
