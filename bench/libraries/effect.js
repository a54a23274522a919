/** The workloads, done by Effect. */
import { Deferred, Effect, Exit, Fiber, Queue, Scope, Semaphore } from 'effect'
import { lineOf, shuffled, sleepMs } from '../workloads.js'

/** @typedef {import('../probe.js').Probe} Probe */
/**
 * @template A
 * @typedef {Effect.Effect<A, any>} Work
 */

/** @param {number} value @returns {Work<number>} */
const fromMicrotask = (value) =>
  Effect.callback((resume) => queueMicrotask(() => resume(Effect.succeed(value))))

/** The line after the last. */
const end = ''

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/**
 * @param {number} capacity
 * @param {number} pairs
 */
const queue = (capacity, pairs) => (/** @type {number} */ n) =>
  Effect.runPromise(
    Effect.gen(function* () {
      /** @type {Queue.Queue<number>} */
      const line = yield* Queue.bounded(capacity)
      const each = n / pairs
      const fibers = []
      let total = 0
      for (let pair = 0; pair < pairs; pair++) {
        const producer = Effect.gen(function* () {
          for (let i = pair * each; i < (pair + 1) * each; i++) yield* Queue.offer(line, i)
        })
        const consumer = Effect.gen(function* () {
          for (let i = 0; i < each; i++) {
            const item = yield* Queue.take(line)
            total += item
          }
        })
        fibers.push(yield* Effect.forkChild(producer), yield* Effect.forkChild(consumer))
      }
      for (const fiber of fibers) yield* Fiber.join(fiber)
      return total
    })
  )

/**
 * @param {number} n
 * @param {Probe} probe
 */
const startAndStop = (n, probe) =>
  Effect.runPromise(
    Effect.gen(function* () {
      let parked = 0
      let ended = 0
      const parking = Effect.callback(() => {
        parked++
        return Effect.sync(() => {
          ended++
        })
      })
      probe.start()
      const scope = yield* Scope.make('parallel')
      for (let i = 0; i < n; i++) yield* Effect.forkIn(parking, scope)
      while (parked < n) yield* Effect.yieldNow
      probe.stop('start')
      probe.start()
      yield* Scope.close(scope, Exit.void)
      probe.stop('stop')
      return parked + ended
    })
  )

/** @param {(parked: () => void) => Work<unknown>} parking */
const memory = (parking) => (/** @type {number} */ n, /** @type {Probe} */ probe) =>
  Effect.runPromise(
    Effect.gen(function* () {
      let parked = 0
      const task = parking(() => parked++)
      const scope = yield* Scope.make('parallel')
      yield* Effect.promise(() => probe.park(n))
      for (let i = 0; i < n; i++) yield* Effect.forkIn(task, scope)
      while (parked < n) yield* Effect.yieldNow
      yield* Effect.promise(() => probe.parked())
      yield* Scope.close(scope, Exit.void)
      return parked
    })
  )

/**
 * @param {number} n
 * @param {Probe} probe
 * @param {Work<unknown>} wait
 * @param {Work<boolean>} isLeft
 */
const interrupts = (n, probe, wait, isLeft) =>
  Effect.gen(function* () {
    let reached = 0
    const parking = Effect.flatMap(
      Effect.sync(() => {
        reached++
      }),
      () => wait
    )
    const fibers = []
    for (let i = 0; i < n; i++) fibers.push(yield* Effect.forkChild(parking))
    while (reached < n) yield* Effect.yieldNow
    const inRandomOrder = shuffled(n).map((index) => /** @type {(typeof fibers)[number]} */ (fibers[index]))
    probe.start()
    yield* Fiber.interruptAll(inRandomOrder)
    const exits = yield* Fiber.awaitAll(inRandomOrder)
    const interrupted = exits.filter(Exit.isFailure).length
    probe.stop()
    return interrupted + Number(yield* isLeft)
  })

/** @type {Record<string, (n: number, probe: Probe) => Promise<number>>} */
export const workloads = {
  flatMapLoop: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? Effect.succeed(i) : Effect.flatMap(Effect.succeed(i + 1), loop))
    return Effect.runPromise(loop(0))
  },

  mapChain: async (n) => {
    /** @type {Work<number>} */
    let chain = Effect.succeed(0)
    for (let i = 0; i < 1000; i++) chain = Effect.map(chain, (x) => x + 1)
    let total = 0
    for (let i = 0; i < n / 1000; i++) total += await Effect.runPromise(chain)
    return total
  },

  genLoop: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* Effect.succeed(i)
        return total
      })
    ),

  genFresh: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) {
          total += yield* Effect.gen(function* () {
            return yield* Effect.succeed(i)
          })
        }
        return total
      })
    ),

  fn: (n) => {
    const work = Effect.fn(function* (/** @type {number} */ i) {
      return yield* Effect.succeed(i)
    })
    return Effect.runPromise(
      Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* work(i)
        return total
      })
    )
  },

  nested: (n) => {
    const inner = Effect.fnUntraced(function* (/** @type {number} */ i) {
      return yield* Effect.succeed(i)
    })
    const middle = Effect.fnUntraced(function* (/** @type {number} */ i) {
      return yield* inner(i)
    })
    const outer = Effect.fnUntraced(function* (/** @type {number} */ i) {
      return yield* middle(i)
    })
    return Effect.runPromise(
      Effect.gen(function* () {
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
        ? Effect.succeed(i)
        : Effect.flatMap(
            Effect.catch(Effect.fail(i), (error) => Effect.succeed(error + 1)),
            loop
          )
    return Effect.runPromise(loop(0))
  },

  deep: (n) => {
    /** @type {(i: number) => Work<number>} */
    const deep = (i) =>
      i === 0
        ? Effect.succeed(0)
        : Effect.map(
            Effect.suspend(() => deep(i - 1)),
            (x) => x + 1
          )
    return Effect.runPromise(deep(n))
  },

  asyncMicro: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? Effect.succeed(i) : Effect.flatMap(fromMicrotask(i + 1), loop))
    return Effect.runPromise(loop(0))
  },

  promiseLift: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n
        ? Effect.succeed(i)
        : Effect.flatMap(
            Effect.promise(() => Promise.resolve(i + 1)),
            loop
          )
    return Effect.runPromise(loop(0))
  },

  spawnJoin: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) {
          const fiber = yield* Effect.forkChild(Effect.succeed(i))
          total += yield* Fiber.join(fiber)
        }
        return total
      })
    ),

  spawnClose: async (n, probe) => {
    const result = await startAndStop(n, probe)
    const { start = 0, stop = 0 } = probe.figures
    probe.figures = { '': start + stop }
    return result
  },

  allAsync: async (n) =>
    sum(
      await Effect.runPromise(
        Effect.all(
          Array.from({ length: n }, (_, i) => fromMicrotask(i)),
          { concurrency: 'unbounded' }
        )
      )
    ),

  forEach16: async (n) =>
    sum(
      await Effect.runPromise(
        Effect.forEach(
          Array.from({ length: n }, (_, i) => i),
          fromMicrotask,
          { concurrency: 16 }
        )
      )
    ),

  queue1: queue(1, 1),
  queue128: queue(128, 1),
  queueMpmc: queue(8, 8),

  bracket: (n) => {
    let open = 0
    let released = 0
    const acquire = Effect.sync(() => ++open)
    /** @param {number} resource */
    const use = (resource) => Effect.succeed(resource)
    const release = Effect.sync(() => {
      open--
      released++
    })
    return Effect.runPromise(
      Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += yield* Effect.acquireUseRelease(acquire, use, () => release)
        return total + released + open
      })
    )
  },

  raceTimeout: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let total = 0
        for (let i = 0; i < n; i++)
          total += yield* Effect.timeout(
            Effect.map(Effect.yieldNow, () => i),
            1000
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
      Effect.map(
        Effect.suspend(() => {
          most = Math.max(most, ++asleep)
          return Effect.sleep(sleepMs(n) + (i % 64))
        }),
        () => {
          asleep--
          woken++
        }
      )
    await Effect.runPromise(
      Effect.all(
        Array.from({ length: n }, (_, i) => sleeper(i)),
        { concurrency: 'unbounded' }
      )
    )
    return most + woken
  },

  runEdge: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await Effect.runPromise(Effect.succeed(i))
    return total
  },

  edgePromise: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await Effect.runPromise(Effect.promise(() => Promise.resolve(i)))
    return total
  },

  lines: (n) => {
    let total = 0
    return Effect.runPromise(
      Effect.gen(function* () {
        /** @type {Queue.Queue<string>} */
        const lines = yield* Queue.bounded(64)
        /** @type {Work<void>} */
        const worker = Effect.gen(function* () {
          for (;;) {
            const line = yield* Queue.take(lines)
            if (line === end) return
            total += JSON.parse(line).n
          }
        })
        const reader = Effect.gen(function* () {
          for (let i = 0; i < n; i++) yield* Queue.offer(lines, lineOf(i))
          for (let i = 0; i < 8; i++) yield* Queue.offer(lines, end)
        })
        yield* Effect.all([reader, ...Array.from({ length: 8 }, () => worker)], { concurrency: 'unbounded' })
        return total
      })
    )
  },

  memoryCallback: memory((parked) =>
    Effect.callback(() => {
      parked()
    })
  ),

  memoryGenerator: memory((parked) =>
    Effect.gen(function* () {
      yield* Effect.callback(() => {
        parked()
      })
    })
  ),

  interruptDeferred: (n, probe) =>
    Effect.runPromise(
      Effect.gen(function* () {
        /** @type {Deferred.Deferred<number>} */
        const deferred = yield* Deferred.make()
        return yield* interrupts(n, probe, Deferred.await(deferred), Deferred.succeed(deferred, 1))
      })
    ),

  interruptFiber: (n, probe) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(Effect.never)
        return yield* interrupts(
          n,
          probe,
          Fiber.join(fiber),
          Effect.sync(() => fiber.pollUnsafe() === undefined)
        )
      })
    ),

  interruptQueue: (n, probe) =>
    Effect.runPromise(
      Effect.gen(function* () {
        /** @type {Queue.Queue<number>} */
        const line = yield* Queue.bounded(1)
        return yield* interrupts(
          n,
          probe,
          Queue.take(line),
          Effect.map(Queue.offer(line, 1), () => Queue.sizeUnsafe(line) === 1)
        )
      })
    ),

  interruptSemaphore: (n, probe) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const semaphore = yield* Semaphore.make(1)
        const pass = Semaphore.withPermits(semaphore, 1)
        return yield* pass(interrupts(n, probe, pass(Effect.void), Effect.succeed(true)))
      })
    ),

  million: startAndStop
}
