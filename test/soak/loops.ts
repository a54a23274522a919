/**
 * Operations that a program may repeat endlessly, as loops of any length: retained garbage would be seen in the heap.
 *
 * `tick` is called once in each iteration.
 */
import { Deferred, type Fiber, type Group, Latch, Queue, Schedule, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'

type Run = (iterations: number, tick: () => void) => Task.Task<unknown, unknown>

export interface Loop {
  readonly name: string
  readonly run: Run
  /** On virtual time. */
  readonly isTimed?: boolean
  /** Bytes an iteration that it is meant to keep. */
  readonly keeps?: number
}

/** A step, again and again, by the means of a plain generator. */
const inLoop =
  (step: () => Task.Task<unknown, unknown>): Run =>
  (iterations, tick) =>
    Task.gen(function* () {
      for (let count = 0; count < iterations; count++) {
        yield* step()
        tick()
      }
    })

const enough = 'enough'

/** Fails when it has been done so many times: the end of what has none. */
const limited = (iterations: number, tick: () => void): Task.Task<string, void> => {
  let count = 0
  return Task.suspend(() => {
    tick()
    return ++count === iterations ? Task.fail(enough) : Task.unit
  })
}

/** Ends with the failure that ends what has no end; another one is a fault. */
const untilEnough = (task: Task.Task<unknown, unknown>): Task.Task<unknown, unknown> =>
  pipe(
    task,
    Task.orElse((error) => (error === enough ? Task.unit : Task.fail(error)))
  )

function* countUp(): Generator<number, void> {
  for (let count = 0; ; count++) yield count
}

/** Loops on the clock and the scheduler of the host. */
const onHostTime: Readonly<Record<string, Run>> = {
  flatMap: (iterations, tick) => {
    const from = (count: number): Task.Task<never, void> =>
      pipe(
        Task.sync(tick),
        Task.flatMap(() => (count === 1 ? Task.unit : from(count - 1)))
      )
    return from(iterations)
  },
  forever: (iterations, tick) => untilEnough(Task.forever(limited(iterations, tick))),
  gen: inLoop(() => Task.unit),
  'yield now': inLoop(() => Task.yieldNow),
  'fail and recover': inLoop(() =>
    pipe(
      Task.fail('no'),
      Task.orElse(() => Task.unit)
    )
  ),
  'throw and catch': inLoop(() =>
    pipe(
      Task.sync(() => {
        throw enough
      }),
      Task.catchCause(() => Task.unit)
    )
  ),
  repeat: (iterations, tick) => pipe(Task.sync(tick), Task.repeat(Schedule.recurs(iterations - 1))),
  retry: (iterations, tick) =>
    pipe(
      Task.suspend(() => {
        tick()
        return Task.fail(enough)
      }),
      Task.retry(Schedule.recurs(iterations - 1)),
      untilEnough
    ),
  bracket: inLoop(() =>
    Task.bracket(
      Task.succeed(1),
      () => Task.unit,
      () => Task.unit
    )
  ),
  uncancellable: inLoop(() => pipe(Task.unit, Task.uncancellable())),
  'queue, one fiber': (iterations, tick) =>
    Task.gen(function* () {
      const queue = yield* Queue.make<number>(1)
      for (let count = 0; count < iterations; count++) {
        yield* queue.put(count)
        yield* queue.get()
        tick()
      }
    }),
  'queue, producer and consumer': (iterations, tick) =>
    Task.withGroup((group: Group<unknown>) =>
      Task.gen(function* () {
        const queue = yield* Queue.make<number>(1)
        yield* group.spawn(
          Task.gen(function* () {
            for (let count = 0; count < iterations; count++) yield* queue.put(count)
            queue.close()
          })
        )
        yield* queue.forEach(() => Task.sync(tick))
      })
    ),
  'queue, get interrupted': (iterations, tick) => {
    const queue = new Queue<number>(1)
    return interrupting(() => queue.get())(iterations, tick)
  },
  'forEach over an endless source': (iterations, tick) => {
    const step = limited(iterations, tick)
    return untilEnough(
      pipe(
        countUp(),
        // Two, so that both have begun before it is enough: one that has not still runs to its first checkpoint.
        Task.forEach(() => step, { concurrency: 2 })
      )
    )
  },
  'group spawn and join': (iterations, tick) =>
    Task.withGroup((group: Group<unknown>) =>
      inLoop(() =>
        pipe(
          group.spawn(Task.unit),
          Task.flatMap((fiber) => fiber.join())
        )
      )(iterations, tick)
    ),
  'group, wrapped promises': (iterations, tick) =>
    Task.withGroup((group: Group<unknown>) =>
      inLoop(() =>
        pipe(
          group.wrap(Promise.resolve()),
          Task.flatMap((fiber) => fiber.join())
        )
      )(iterations, tick)
    ),
  'subgroup create and close': (iterations, tick) =>
    Task.withGroup((group: Group<unknown>) =>
      inLoop(() =>
        pipe(
          group.createSubgroup(),
          Task.flatMap((below) => below.asyncClose())
        )
      )(iterations, tick)
    ),
  withGroup: inLoop(() => Task.withGroup((group) => group.spawn(Task.never))),
  'semaphore, free': (iterations, tick) => {
    const semaphore = new Semaphore(2)
    return inLoop(() => pipe(Task.unit, semaphore.withPermits(1)))(iterations, tick)
  },
  'semaphore, two in turn': (iterations, tick) => {
    const semaphore = new Semaphore(1)
    const half = inLoop(() => pipe(Task.yieldNow, semaphore.withPermits(1)))
    return Task.all([half(iterations >> 1, tick), half(iterations - (iterations >> 1), tick)])
  },
  deferred: inLoop(() => {
    const deferred = new Deferred<never, number>()
    return Task.all([deferred.wait(), Task.sync(() => deferred.succeed(1))])
  }),
  'deferred, wait interrupted': (iterations, tick) => {
    const deferred = new Deferred<never, number>()
    return interrupting(() => deferred.wait())(iterations, tick)
  },
  latch: (iterations, tick) => {
    const latch = new Latch()
    return inLoop(() =>
      Task.all([
        latch.wait(),
        Task.sync(() => {
          latch.open()
          latch.shut()
        })
      ])
    )(iterations, tick)
  },
  race: inLoop(() => pipe(Task.never, Task.race(Task.unit))),
  all: inLoop(() => Task.all([Task.unit, Task.unit])),
  'timeout, in time': inLoop(() => pipe(Task.yieldNow, Task.timeout(1000))),
  'fork and interrupt': (iterations, tick) => interrupting(() => Task.never)(iterations, tick),
  async: inLoop(() => Task.async<never, void>((resume) => queueMicrotask(() => resume(Task.unit)))),
  'async, resumed at once': inLoop(() => Task.async<never, void>((resume) => resume(Task.unit))),
  'async, interrupted': (iterations, tick) =>
    interrupting(() => Task.async(() => Task.unit))(iterations, tick),
  promise: inLoop(() => Task.promise(() => Promise.resolve())),
  'promise, interrupted': (iterations, tick) =>
    interrupting(() =>
      Task.promise((signal) => new Promise((resolve) => signal.addEventListener('abort', resolve)))
    )(iterations, tick)
}

/** Starts what waits, lets it wait, interrupts it and waits for its end. */
function interrupting(wait: () => Task.Task<unknown, unknown>): Run {
  return (iterations, tick) =>
    Task.withGroup((group: Group<unknown>) =>
      inLoop(() =>
        Task.gen(function* () {
          const fiber: Fiber<unknown, unknown> = yield* group.spawn(wait())
          yield* Task.yieldNow
          yield* fiber.interrupt()
        })
      )(iterations, tick)
    )
}

/** Loops that sleep: on virtual time, by `runTest`. */
const onVirtualTime: Readonly<Record<string, Run>> = {
  sleep: inLoop(() => Task.sleep(1000)),
  'sleep, interrupted': interrupting(() => Task.sleep(1000)),
  'timeout, too late': inLoop(() =>
    pipe(
      Task.sleep(1000),
      Task.timeout(10),
      Task.orElse(() => Task.unit)
    )
  ),
  'repeat, spaced': (iterations, tick) =>
    pipe(
      Task.sync(tick),
      Task.repeat(pipe(Schedule.spaced(1000), Schedule.intersect(Schedule.recurs(iterations - 1))))
    )
}

/** The results of `forEach`, in an array that grows by half when it is full. */
const keeps: Readonly<Record<string, number>> = { 'forEach over an endless source': 16 }

export const loops: ReadonlyArray<Loop> = [
  ...Object.entries(onHostTime).map(([name, run]) => ({ name, run, keeps: keeps[name] ?? 0 })),
  ...Object.entries(onVirtualTime).map(([name, run]) => ({ name, run, isTimed: true }))
]
