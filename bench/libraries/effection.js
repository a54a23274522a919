/**
 * The workloads, done by Effection. Its queues have no bound, so that it has no producer that waits; it has neither a semaphore
 * nor a limit of concurrency, and a `map` only by hand.
 */
import {
  action,
  all,
  call,
  createQueue,
  ensure,
  race,
  run,
  scoped,
  sleep,
  spawn,
  suspend,
  until,
  withResolvers
} from 'effection'
import { shuffled, sleepMs } from '../workloads.js'

/** @typedef {import('../probe.js').Probe} Probe */

/** Every library has its `succeed`; this one asks for any iterable. @template A @param {A} value @returns {import('effection').Operation<A>} */
const constant = (value) => ({
  [Symbol.iterator]: () => ({ next: () => ({ done: true, value }) })
})

const doNothing = () => {}

/** @param {number} value @returns {import('effection').Operation<number>} */
const fromMicrotask = (value) =>
  action((resolve) => {
    queueMicrotask(() => resolve(value))
    return doNothing
  })

/** A turn of the event loop. @returns {import('effection').Operation<void>} */
const immediately = () =>
  action((resolve) => {
    const timer = setImmediate(resolve)
    return () => clearImmediate(timer)
  })

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/** @type {(n: number, probe: Probe) => Promise<number>} */
const startAndStop = (n, probe) =>
  run(function* () {
    let parked = 0
    let ended = 0
    const parking = () =>
      action(() => {
        parked++
        return () => {
          ended++
        }
      })
    probe.start()
    yield* scoped(function* () {
      for (let i = 0; i < n; i++) yield* spawn(parking)
      while (parked < n) yield* immediately()
      probe.stop('start')
      probe.start()
    })
    probe.stop('stop')
    return parked + ended
  })

/** @param {(parked: () => void) => () => import('effection').Operation<unknown>} parking */
const memory = (parking) => (/** @type {number} */ n, /** @type {Probe} */ probe) =>
  run(function* () {
    let parked = 0
    const task = parking(() => parked++)
    yield* until(probe.park(n))
    yield* scoped(function* () {
      for (let i = 0; i < n; i++) yield* spawn(task)
      while (parked < n) yield* immediately()
      yield* until(probe.parked())
    })
    return parked
  })

/**
 * @param {number} n
 * @param {Probe} probe
 * @param {() => import('effection').Operation<unknown>} wait
 * @param {() => import('effection').Operation<boolean>} isLeft
 */
function* interrupts(n, probe, wait, isLeft) {
  let reached = 0
  let interrupted = 0
  const tasks = []
  for (let i = 0; i < n; i++)
    tasks.push(
      yield* spawn(function* () {
        reached++
        let hasPassed = false
        try {
          yield* wait()
          hasPassed = true
        } finally {
          if (!hasPassed) interrupted++
        }
      })
    )
  while (reached < n) yield* immediately()
  const inRandomOrder = shuffled(n).map((index) => /** @type {(typeof tasks)[number]} */ (tasks[index]))
  probe.start()
  for (const task of inRandomOrder) yield* task.halt()
  probe.stop()
  return interrupted + Number(yield* isLeft())
}

/** @type {Record<string, (n: number, probe: Probe) => Promise<number>>} */
export const workloads = {
  genLoop: (n) =>
    run(function* () {
      let total = 0
      for (let i = 0; i < n; i++) total += yield* constant(i)
      return total
    }),

  failRecover: (n) =>
    run(function* () {
      let value = 0
      for (let i = 0; i < n; i++) {
        try {
          value = yield* action((_, reject) => {
            // @ts-expect-error Its rejections are Errors; the others fail with a plain value.
            reject(value)
            return doNothing
          })
        } catch (error) {
          value = Number(error) + 1
        }
      }
      return value
    }),

  asyncMicro: (n) =>
    run(function* () {
      let value = 0
      for (let i = 0; i < n; i++) value = yield* fromMicrotask(value + 1)
      return value
    }),

  promiseLift: (n) =>
    run(function* () {
      let value = 0
      for (let i = 0; i < n; i++) value = yield* until(Promise.resolve(value + 1))
      return value
    }),

  spawnJoin: (n) =>
    run(function* () {
      let total = 0
      for (let i = 0; i < n; i++) {
        const task = yield* spawn(() => constant(i))
        total += yield* task
      }
      return total
    }),

  spawnClose: async (n, probe) => {
    const result = await startAndStop(n, probe)
    const { start = 0, stop = 0 } = probe.figures
    probe.figures = { '': start + stop }
    return result
  },

  allAsync: (n) =>
    run(function* () {
      return sum(yield* all(Array.from({ length: n }, (_, i) => fromMicrotask(i))))
    }),

  bracket: (n) => {
    let open = 0
    let released = 0
    return run(function* () {
      let total = 0
      for (let i = 0; i < n; i++)
        total += yield* scoped(function* () {
          const resource = ++open
          yield* ensure(() => {
            open--
            released++
          })
          return yield* constant(resource)
        })
      return total + released + open
    })
  },

  raceTimeout: (n) =>
    run(function* () {
      let total = 0
      for (let i = 0; i < n; i++)
        total += yield* race([
          call(function* () {
            yield* immediately()
            return i
          }),
          call(function* () {
            yield* sleep(1000)
            throw new Error('timed out')
          })
        ])
      return total
    }),

  sleepers: (n, probe) =>
    run(function* () {
      probe.busy()
      let asleep = 0
      let most = 0
      let woken = 0
      /** @param {number} i */
      const sleeper = (i) =>
        call(function* () {
          most = Math.max(most, ++asleep)
          yield* sleep(sleepMs(n) + (i % 64))
          asleep--
          woken++
        })
      yield* all(Array.from({ length: n }, (_, i) => sleeper(i)))
      return most + woken
    }),

  runEdge: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await run(() => constant(i))
    return total
  },

  memoryCallback: memory(
    (parked) => () =>
      action(() => {
        parked()
        return doNothing
      })
  ),

  memoryGenerator: memory(
    (parked) =>
      function* () {
        yield* action(() => {
          parked()
          return doNothing
        })
      }
  ),

  interruptDeferred: (n, probe) =>
    run(function* () {
      const { operation, resolve } = withResolvers()
      return yield* interrupts(
        n,
        probe,
        () => operation,
        function* () {
          resolve(1)
          return true
        }
      )
    }),

  interruptFiber: (n, probe) =>
    run(function* () {
      const task = yield* spawn(suspend)
      return yield* interrupts(
        n,
        probe,
        () => task,
        () => constant(true)
      )
    }),

  interruptQueue: (n, probe) =>
    run(function* () {
      /** @type {import('effection').Queue<number, void>} */
      const line = createQueue()
      return yield* interrupts(n, probe, line.next, function* () {
        line.add(1)
        return (yield* line.next()).value === 1
      })
    }),

  million: startAndStop
}
