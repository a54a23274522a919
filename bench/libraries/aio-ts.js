/** The workloads, done by this library. */
import { Deferred, Group, Queue, runTask, Semaphore, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { lineOf, shuffled, sleepMs } from '../workloads.js'

/** @typedef {import('../probe.js').Probe} Probe */
/**
 * @template A
 * @typedef {Task.Task<any, A>} Work
 */

/**
 * @template A
 * @param {Work<A>} task
 * @returns {Promise<A>}
 */
const run = async (task) => {
  const result = await runTask(task)
  if (result._tag === 'Left') throw result.left
  return result.right
}

/** @param {number} value */
const fromMicrotask = (value) =>
  Task.async((/** @type {(task: Work<number>) => void} */ resume) =>
    queueMicrotask(() => resume(Task.succeed(value)))
  )

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/**
 * @param {number} capacity
 * @param {number} pairs
 */
const queue = (capacity, pairs) => (/** @type {number} */ n) =>
  run(
    Task.withGroup((group) =>
      Task.gen(function* () {
        const line = yield* Queue.make(capacity)
        const each = n / pairs
        const fibers = []
        let total = 0
        for (let pair = 0; pair < pairs; pair++) {
          const producer = Task.gen(function* () {
            for (let i = pair * each; i < (pair + 1) * each; i++) yield* line.put(i)
          })
          const consumer = Task.gen(function* () {
            for (let i = 0; i < each; i++) {
              const item = /** @type {number} */ (yield* line.get())
              total += item
            }
          })
          fibers.push(yield* group.spawn(Task.orDie(producer)), yield* group.spawn(Task.orDie(consumer)))
        }
        for (const fiber of fibers) yield* fiber.join()
        return total
      })
    )
  )

/**
 * @param {number} n
 * @param {Probe} probe
 */
const startAndStop = (n, probe) =>
  run(
    Task.gen(function* () {
      let parked = 0
      let ended = 0
      const parking = Task.async(() => {
        parked++
        return Task.sync(() => ended++)
      })
      probe.start()
      const group = yield* Group.make()
      for (let i = 0; i < n; i++) yield* group.spawn(parking)
      while (parked < n) yield* Task.yieldNow
      probe.stop('start')
      probe.start()
      yield* group.asyncClose()
      probe.stop('stop')
      return parked + ended
    })
  )

/** @param {(parked: () => void) => Work<unknown>} parking */
const memory = (parking) => (/** @type {number} */ n, /** @type {Probe} */ probe) =>
  run(
    Task.gen(function* () {
      let parked = 0
      const task = Task.orDie(parking(() => parked++))
      const group = yield* Group.make()
      yield* Task.promise(() => probe.park(n))
      for (let i = 0; i < n; i++) yield* group.spawn(task)
      while (parked < n) yield* Task.yieldNow
      yield* Task.promise(() => probe.parked())
      yield* group.asyncClose()
      return group.size === 0 ? parked : -1
    })
  )

/**
 * Parks fibers at `wait`, interrupts them in random order, and looks whether nobody waits there any more.
 *
 * @param {number} n
 * @param {Probe} probe
 * @param {Work<unknown>} wait
 * @param {Work<boolean>} isLeft
 */
const interrupts = (n, probe, wait, isLeft) =>
  Task.gen(function* () {
    const group = yield* Group.make()
    let reached = 0
    const parking = pipe(
      Task.sync(() => reached++),
      Task.flatMap(() => Task.orDie(wait))
    )
    const fibers = []
    for (let i = 0; i < n; i++) fibers.push(yield* group.spawn(parking))
    while (reached < n) yield* Task.yieldNow
    const inRandomOrder = shuffled(n).map((index) => /** @type {(typeof fibers)[number]} */ (fibers[index]))
    probe.start()
    for (const fiber of inRandomOrder) fiber.interruptNowait()
    let interrupted = 0
    for (const fiber of inRandomOrder) if ((yield* fiber.wait())._tag === 'Left') interrupted++
    probe.stop()
    return interrupted + Number(yield* isLeft)
  })

/** @type {Record<string, (n: number, probe: Probe) => Promise<number>>} */
export const workloads = {
  flatMapLoop: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? Task.succeed(i) : pipe(Task.succeed(i + 1), Task.flatMap(loop)))
    return run(loop(0))
  },

  mapChain: async (n) => {
    /** @type {Work<number>} */
    let chain = Task.succeed(0)
    for (let i = 0; i < 1000; i++)
      chain = pipe(
        chain,
        Task.map((x) => x + 1)
      )
    let total = 0
    for (let i = 0; i < n / 1000; i++) total += await run(chain)
    return total
  },

  genLoop: (n) =>
    run(
      Task.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* Task.succeed(i)
        return total
      })
    ),

  genFresh: (n) =>
    run(
      Task.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) {
          total += yield* Task.gen(function* () {
            return yield* Task.succeed(i)
          })
        }
        return total
      })
    ),

  fn: (n) => {
    const work = Task.fn(function* (/** @type {number} */ i) {
      return yield* Task.succeed(i)
    })
    return run(
      Task.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* work(i)
        return total
      })
    )
  },

  nested: (n) => {
    const inner = Task.fn(function* (/** @type {number} */ i) {
      return yield* Task.succeed(i)
    })
    const middle = Task.fn(function* (/** @type {number} */ i) {
      return yield* inner(i)
    })
    const outer = Task.fn(function* (/** @type {number} */ i) {
      return yield* middle(i)
    })
    return run(
      Task.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* outer(i)
        return total
      })
    )
  },

  failRecover: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n
        ? Task.succeed(i)
        : pipe(
            Task.fail(i),
            Task.orElse((error) => Task.succeed(error + 1)),
            Task.flatMap(loop)
          )
    return run(loop(0))
  },

  deep: (n) => {
    /** @type {(i: number) => Work<number>} */
    const deep = (i) =>
      i === 0
        ? Task.succeed(0)
        : pipe(
            Task.suspend(() => deep(i - 1)),
            Task.map((x) => x + 1)
          )
    return run(deep(n))
  },

  asyncMicro: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? Task.succeed(i) : pipe(fromMicrotask(i + 1), Task.flatMap(loop)))
    return run(loop(0))
  },

  promiseLift: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n
        ? Task.succeed(i)
        : pipe(
            Task.promise(() => Promise.resolve(i + 1)),
            Task.flatMap(loop)
          )
    return run(loop(0))
  },

  spawnJoin: (n) =>
    run(
      Task.withGroup((group) =>
        Task.gen(function* () {
          let total = 0
          for (let i = 0; i < n; i++) {
            const fiber = yield* group.spawn(Task.succeed(i))
            total += yield* fiber.join()
          }
          return total
        })
      )
    ),

  spawnClose: (n, probe) =>
    startAndStop(n, probe).then((result) => {
      const { start = 0, stop = 0 } = probe.figures
      probe.figures = { '': start + stop }
      return result
    }),

  allAsync: async (n) => sum(await run(Task.all(Array.from({ length: n }, (_, i) => fromMicrotask(i))))),

  forEach16: async (n) =>
    sum(
      await run(
        pipe(
          Array.from({ length: n }, (_, i) => i),
          Task.forEach(fromMicrotask, { concurrency: 16 })
        )
      )
    ),

  queue1: queue(1, 1),
  queue128: queue(128, 1),
  queueMpmc: queue(8, 8),

  bracket: (n) => {
    let open = 0
    let released = 0
    const acquire = Task.sync(() => ++open)
    /** @param {number} resource */
    const use = (resource) => Task.succeed(resource)
    const release = Task.sync(() => {
      open--
      released++
    })
    return run(
      Task.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* Task.bracket(acquire, use, () => release)
        return total + released + open
      })
    )
  },

  raceTimeout: (n) =>
    run(
      Task.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++)
          total += yield* pipe(
            Task.yieldNow,
            Task.map(() => i),
            Task.timeout(1000)
          )
        return total
      })
    ),

  sleepers: async (n, probe) => {
    probe.busy()
    let asleep = 0
    let most = 0
    let woken = 0
    /** @param {number} i */
    const sleeper = (i) =>
      pipe(
        Task.suspend(() => {
          most = Math.max(most, ++asleep)
          return Task.sleep(sleepMs(n) + (i % 64))
        }),
        Task.map(() => {
          asleep--
          woken++
        })
      )
    await run(Task.all(Array.from({ length: n }, (_, i) => sleeper(i))))
    return most + woken
  },

  runEdge: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) {
      const result = await runTask(Task.succeed(i))
      if (result._tag === 'Right') total += result.right
    }
    return total
  },

  edgePromise: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) {
      const result = await runTask(Task.promise(() => Promise.resolve(i)))
      if (result._tag === 'Right') total += result.right
    }
    return total
  },

  lines: (n) => {
    let total = 0
    const lines = /** @type {Queue<string>} */ (new Queue(64))
    const worker = lines.forEach((line) =>
      Task.sync(() => {
        total += JSON.parse(line).n
      })
    )
    const reader = Task.gen(function* () {
      for (let i = 0; i < n; i++) yield* lines.put(lineOf(i))
      lines.close()
    })
    return run(
      pipe(
        Task.all([reader, ...Array.from({ length: 8 }, () => worker)]),
        Task.map(() => total)
      )
    )
  },

  memoryCallback: memory((parked) =>
    Task.async(() => {
      parked()
    })
  ),

  memoryGenerator: memory((parked) =>
    Task.gen(function* () {
      yield* Task.async(() => {
        parked()
      })
    })
  ),

  interruptDeferred: (n, probe) =>
    run(
      Task.gen(function* () {
        const deferred = yield* /** @type {Work<Deferred<never, number>>} */ (Deferred.make())
        return yield* interrupts(
          n,
          probe,
          deferred.wait(),
          Task.sync(() => deferred.succeed(1))
        )
      })
    ),

  interruptFiber: (n, probe) =>
    run(
      Task.withGroup((group) =>
        Task.gen(function* () {
          const fiber = yield* group.spawn(Task.never)
          return yield* interrupts(
            n,
            probe,
            fiber.join(),
            Task.sync(() => fiber.poll()._tag === 'None')
          )
        })
      )
    ),

  interruptQueue: (n, probe) =>
    run(
      Task.gen(function* () {
        const line = yield* Queue.make(1)
        return yield* interrupts(
          n,
          probe,
          line.get(),
          pipe(
            line.put(1),
            Task.map(() => line.size === 1)
          )
        )
      })
    ),

  interruptSemaphore: (n, probe) =>
    run(
      Task.gen(function* () {
        const semaphore = yield* Semaphore.make(1)
        const pass = semaphore.withPermits(1)
        const count = yield* pass(
          interrupts(
            n,
            probe,
            pass(Task.unit),
            Task.sync(() => semaphore.available === 0)
          )
        )
        return semaphore.available === 1 ? count : -1
      })
    ),

  million: startAndStop
}
