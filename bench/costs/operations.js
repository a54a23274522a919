/** What each operation costs by itself: the operations, as loops of so many. */
import { Queue, runTask, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'

/** @param {(n: number) => Generator<any, unknown, any>} body */
const inGenerator = (body) => (/** @type {number} */ n) => runTask(Task.gen(() => body(n)))

const half = Task.fn(function* (/** @type {number} */ n) {
  return (yield* Task.succeed(n)) / 2
})

/** @type {Readonly<Record<string, (n: number) => Promise<unknown>>>} */
export const operations = {
  '`yield* Task.succeed(x)`': inGenerator(function* (n) {
    for (let i = 0; i < n; i++) yield* Task.succeed(i)
  }),
  '`yield* Task.sync(f)`': inGenerator(function* (n) {
    const task = Task.sync(() => 1)
    for (let i = 0; i < n; i++) yield* task
  }),
  'a call of a `Task.fn` that yields one value': inGenerator(function* (n) {
    for (let i = 0; i < n; i++) yield* half(i)
  }),
  'the same as a `Task.gen` written inline': inGenerator(function* (n) {
    for (let i = 0; i < n; i++) {
      yield* Task.gen(function* () {
        return (yield* Task.succeed(i)) / 2
      })
    }
  }),
  'a step of `map`': async (n) => {
    let task = Task.succeed(0)
    for (let i = 0; i < 100; i++)
      task = pipe(
        task,
        Task.map((x) => x + 1)
      )
    for (let i = 0; i < n / 100; i++) await runTask(task)
  },
  '`Task.fail` and `Task.orElse`': inGenerator(function* (n) {
    for (let i = 0; i < n; i++) {
      yield* pipe(
        Task.fail(i),
        Task.orElse((error) => Task.succeed(error))
      )
    }
  }),
  '`put` and `get` of a queue with room': inGenerator(function* (n) {
    const queue = /** @type {Queue<number>} */ (new Queue(8))
    for (let i = 0; i < n; i++) {
      yield* queue.put(i)
      yield* queue.get()
    }
  }),
  'an item from one fiber to another, which waits for it': (n) => {
    const queue = /** @type {Queue<number>} */ (new Queue(1))
    const producer = Task.gen(function* () {
      for (let i = 0; i < n; i++) yield* queue.put(i)
    })
    const consumer = Task.gen(function* () {
      for (let i = 0; i < n; i++) yield* queue.get()
    })
    return runTask(Task.all([producer, consumer]))
  },
  'a free permit of a `Semaphore`': inGenerator(function* (n) {
    const pass = new Semaphore(1).withPermits(1)
    const task = pass(Task.unit)
    for (let i = 0; i < n; i++) yield* task
  }),
  '`Task.bracket`': inGenerator(function* (n) {
    const task = Task.bracket(
      Task.succeed(1),
      (one) => Task.succeed(one),
      () => Task.unit
    )
    for (let i = 0; i < n; i++) yield* task
  }),
  '`Task.timeout` around a value': inGenerator(function* (n) {
    const task = pipe(Task.succeed(1), Task.timeout(1000))
    for (let i = 0; i < n; i++) yield* task
  }),
  '`group.spawn` and `fiber.join`': (n) =>
    runTask(
      Task.withGroup((group) =>
        Task.gen(function* () {
          for (let i = 0; i < n; i++) {
            const fiber = yield* group.spawn(Task.succeed(i))
            yield* fiber.join()
          }
        })
      )
    ),
  '`Task.promise` of a resolved promise': inGenerator(function* (n) {
    const task = Task.promise(() => Promise.resolve(1))
    for (let i = 0; i < n; i++) yield* task
  }),
  '`await runTask` of a value': async (n) => {
    const task = Task.succeed(1)
    for (let i = 0; i < n; i++) await runTask(task)
  },
  '`await runTask` of a promise': async (n) => {
    const task = Task.promise(() => Promise.resolve(1))
    for (let i = 0; i < n; i++) await runTask(task)
  },
  'an `async` function that awaits a resolved promise, to compare': async (n) => {
    const work = async () => await Promise.resolve(1)
    for (let i = 0; i < n; i++) await work()
  }
}
