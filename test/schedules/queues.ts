/** Small programs over queues. */
import { type Fiber, Queue, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { keeping } from '../support/every-order.js'
import { drain } from '../support/queues.js'
import { endOf, inGroup, type Program } from './program.js'

/** Gets one item and keeps it in `got`, in one step. */
const take = <X>(queue: Queue<X>, got: Array<X>) => keeping(queue.get(), (item) => got.push(item))

export const queues: ReadonlyArray<Program> = [
  [
    'two producers and a consumer: each item once',
    () => {
      const queue = new Queue<string>()
      const got: Array<string> = []
      const consumer = pipe(
        take(queue, got),
        Task.flatMap(() => take(queue, got))
      )
      return pipe(
        Task.all([queue.put('a'), queue.put('b'), consumer]),
        Task.map(() => got.join())
      )
    },
    ['a,b', 'b,a']
  ],
  [
    'a producer is held up by a full queue: the order stays',
    () => {
      const queue = new Queue<string>(1)
      const got: Array<string> = []
      const producer = pipe(
        queue.put('a'),
        Task.flatMap(() => queue.put('b')),
        Task.flatMap(() => queue.put('c'))
      )
      const consumer = pipe(
        take(queue, got),
        Task.flatMap(() => take(queue, got))
      )
      return pipe(
        Task.all([producer, consumer]),
        Task.map(() => [...got, ...drain(queue)].join())
      )
    },
    ['a,b,c']
  ],
  [
    'two consumers, one item, and the end: one has it, the other fails at the end',
    () => {
      const queue = new Queue<string>()
      const consumer = Task.match(
        () => 'closed',
        (item: string) => item
      )(queue.get())
      const producer = pipe(
        queue.put('item'),
        Task.map(() => queue.close())
      )
      return pipe(
        Task.all([consumer, consumer, producer]),
        Task.map(([one, other]) => `${one},${other}`)
      )
    },
    ['item,closed', 'closed,item']
  ],
  [
    'a get is interrupted as the item comes: it is with the taker or in the queue',
    () =>
      inGroup(function* (group) {
        const queue = new Queue<string>()
        const got: Array<string> = []
        const taker = yield* group.spawn(take(queue, got))
        yield* Task.all([queue.put('item'), taker.interrupt()])
        return `got ${got}, left ${drain(queue)}`
      }),
    ['got item, left ', 'got , left item']
  ],
  [
    'a put is interrupted as room comes: it succeeded and is in, or has had no effect',
    () =>
      inGroup(function* (group) {
        const queue = new Queue<string>(1)
        queue.putNowait('in')
        const putter: Fiber<unknown, unknown> = yield* group.spawn(queue.put('late'))
        yield* Task.all([queue.get(), putter.interrupt()])
        return `${yield* endOf(putter)}, left ${drain(queue)}`
      }),
    ['value, left late', 'Interrupt, left ']
  ],
  [
    'a full queue closes as room comes: the put is in, or was refused and is not',
    () => {
      const queue = new Queue<string>(1)
      queue.putNowait('in')
      const late = Task.match(
        () => 'refused',
        () => 'put'
      )(queue.put('late'))
      const close = Task.sync(() => queue.close())
      return pipe(
        Task.all([late, close, Task.either(queue.get())]),
        Task.map(([end]) => `${end}, left ${drain(queue)}`)
      )
    },
    ['put, left late', 'refused, left ']
  ],
  [
    'a queue closes after its last item: a get still returns it',
    () => {
      const queue = new Queue<string>()
      const producer = pipe(
        queue.put('item'),
        Task.map(() => queue.close())
      )
      return pipe(
        Task.all([queue.get(), producer]),
        Task.map(([item]) => item)
      )
    },
    ['item']
  ],
  [
    'getUntilEmpty beside two producers: nothing is kept that was passed over',
    () => {
      const queue = new Queue<string>()
      return pipe(
        Task.all([queue.getUntilEmpty(), queue.put('a'), queue.put('b')]),
        Task.map(([last]) => `${last}, left ${drain(queue)}`)
      )
    },
    ['a, left b', 'b, left a', 'a, left ', 'b, left ']
  ],
  [
    'getAll takes what waiting puts bring in, in order, and never more than there is',
    () => {
      const queue = new Queue<string>(1)
      const producer = pipe(
        queue.put('a'),
        Task.flatMap(() => queue.put('b'))
      )
      return pipe(
        Task.all([queue.getAll(), producer]),
        Task.map(([items]) => `${items}, left ${drain(queue)}`)
      )
    },
    ['a, left b', 'a,b, left ']
  ],
  [
    'one of two parked puts is interrupted: the other has the room',
    () =>
      inGroup(function* (group) {
        const queue = new Queue<string>(1)
        queue.putNowait('in')
        const first = yield* group.spawn(queue.put('first'))
        yield* Task.yieldNow
        const second = yield* group.spawn(queue.put('second'))
        yield* Task.all([queue.get(), first.interrupt()])
        if ((yield* endOf(first)) === 'value') yield* queue.get()
        yield* second.join()
        return drain(queue).join()
      }),
    ['second']
  ],
  [
    'two share the work of forEach: each item once, and both end',
    () => {
      const queue = new Queue<string>()
      const done: Array<string> = []
      for (const item of ['a', 'b']) queue.putNowait(item)
      const worker = queue.forEach((item) => Task.sync(() => void done.push(item)))
      return pipe(
        Task.all([worker, worker, Task.sync(() => queue.close())]),
        Task.map(() => done.sort().join())
      )
    },
    ['a,b']
  ]
]
