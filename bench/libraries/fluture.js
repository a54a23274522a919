/**
 * The workloads, done by Fluture. What runs at the same time in it is in `parallel`, which is all that can be stopped; it has no
 * fiber to join and nothing to wait at.
 */
import {
  after,
  attemptP,
  chain,
  chainRej,
  Future,
  fork,
  go,
  hook,
  map,
  parallel,
  promise,
  race,
  reject,
  resolve
} from 'fluture'
import { sleepMs } from '../workloads.js'

/** @typedef {import('../probe.js').Probe} Probe */
/**
 * @template A
 * @typedef {import('fluture').FutureInstance<any, A>} Work
 */

const doNothing = () => {}

/** @param {number} value @returns {Work<number>} */
const fromMicrotask = (value) =>
  Future((_, succeed) => {
    queueMicrotask(() => succeed(value))
    return doNothing
  })

/** @param {number} value @returns {Work<number>} */
const fromImmediate = (value) =>
  Future((_, succeed) => {
    const timer = setImmediate(succeed, value)
    return () => clearImmediate(timer)
  })

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/** @param {Work<unknown>} parking @param {number} n */
const parkAll = (parking, n) =>
  fork(doNothing)(doNothing)(parallel(Number.POSITIVE_INFINITY)(Array.from({ length: n }, () => parking)))

/** @type {(n: number, probe: Probe) => Promise<number>} */
const startAndStop = async (n, probe) => {
  let parked = 0
  let ended = 0
  /** @type {Work<unknown>} */
  const parking = Future(() => {
    parked++
    return () => {
      ended++
    }
  })
  probe.start()
  const stop = parkAll(parking, n)
  probe.stop('start')
  probe.start()
  stop()
  probe.stop('stop')
  return parked + ended
}

/** @type {Record<string, (n: number, probe: Probe) => Promise<number>>} */
export const workloads = {
  flatMapLoop: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? resolve(i) : chain(loop)(resolve(i + 1)))
    return promise(loop(0))
  },

  mapChain: async (n) => {
    /** @type {Work<number>} */
    let long = resolve(0)
    for (let i = 0; i < 1000; i++) long = map((/** @type {number} */ x) => x + 1)(long)
    let total = 0
    for (let i = 0; i < n / 1000; i++) total += await promise(long)
    return total
  },

  genLoop: (n) =>
    promise(
      go(function* () {
        let total = 0
        for (let i = 0; i < n; i++) total += /** @type {number} */ (yield resolve(i))
        return total
      })
    ),

  failRecover: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n
        ? resolve(i)
        : chain(loop)(chainRej((/** @type {number} */ error) => resolve(error + 1))(reject(i)))
    return promise(loop(0))
  },

  deep: (n) => {
    /** @type {(i: number) => Work<number>} */
    const deep = (i) =>
      i === 0
        ? resolve(0)
        : map((/** @type {number} */ x) => x + 1)(chain(() => deep(i - 1))(resolve(undefined)))
    return promise(deep(n))
  },

  asyncMicro: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) => (i === n ? resolve(i) : chain(loop)(fromMicrotask(i + 1)))
    return promise(loop(0))
  },

  promiseLift: (n) => {
    /** @type {(i: number) => Work<number>} */
    const loop = (i) =>
      i === n ? resolve(i) : chain(loop)(/** @type {Work<number>} */ (attemptP(() => Promise.resolve(i + 1))))
    return promise(loop(0))
  },

  spawnClose: async (n, probe) => {
    const result = await startAndStop(n, probe)
    const { start = 0, stop = 0 } = probe.figures
    probe.figures = { '': start + stop }
    return result
  },

  allAsync: async (n) =>
    sum(
      await promise(parallel(Number.POSITIVE_INFINITY)(Array.from({ length: n }, (_, i) => fromMicrotask(i))))
    ),

  forEach16: async (n) =>
    sum(await promise(parallel(16)(Array.from({ length: n }, (_, i) => fromMicrotask(i))))),

  bracket: (n) => {
    let open = 0
    let released = 0
    /** @type {Work<number>} */
    const acquire = Future((_, succeed) => {
      succeed(++open)
      return doNothing
    })
    /** @type {Work<void>} */
    const release = Future((_, succeed) => {
      open--
      released++
      succeed()
      return doNothing
    })
    const bracket = hook(acquire)(() => release)((/** @type {number} */ resource) => resolve(resource))
    /** @type {(i: number, total: number) => Work<number>} */
    const loop = (i, total) =>
      i === n
        ? resolve(total + released + open)
        : chain((/** @type {number} */ value) => loop(i + 1, total + value))(
            /** @type {Work<number>} */ (bracket)
          )
    return promise(loop(0, 0))
  },

  raceTimeout: (n) => {
    const late = chain(() => reject(new Error('timed out')))(after(1000)(undefined))
    /** @type {(i: number, total: number) => Work<number>} */
    const loop = (i, total) =>
      i === n
        ? resolve(total)
        : chain((/** @type {number} */ value) => loop(i + 1, total + value))(
            race(/** @type {Work<number>} */ (late))(fromImmediate(i))
          )
    return promise(loop(0, 0))
  },

  sleepers: async (n, probe) => {
    probe.busy()
    let asleep = 0
    let most = 0
    let woken = 0
    /** @param {number} i @returns {Work<void>} */
    const sleeper = (i) =>
      Future((_, succeed) => {
        most = Math.max(most, ++asleep)
        const timer = setTimeout(
          () => {
            asleep--
            woken++
            succeed()
          },
          sleepMs(n) + (i % 64)
        )
        return () => clearTimeout(timer)
      })
    await promise(parallel(Number.POSITIVE_INFINITY)(Array.from({ length: n }, (_, i) => sleeper(i))))
    return most + woken
  },

  runEdge: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await promise(resolve(i))
    return total
  },

  memoryCallback: async (n, probe) => {
    let parked = 0
    /** @type {Work<unknown>} */
    const parking = Future(() => {
      parked++
      return doNothing
    })
    await probe.park(n)
    const stop = parkAll(parking, n)
    await probe.parked()
    stop()
    return parked
  },

  memoryGenerator: async (n, probe) => {
    let parked = 0
    /** @type {Work<unknown>} */
    const parking = Future(() => {
      parked++
      return doNothing
    })
    await probe.park(n)
    const stop = parkAll(
      go(function* () {
        yield parking
      }),
      n
    )
    await probe.parked()
    stop()
    return parked
  },

  million: startAndStop
}
