/**
 * No library: what is left of a workload when nothing has to be lazy, safe, typed or stoppable. It calls the workload's own functions,
 * asks the host for what the workload is about by the cheapest means that we know of, and does nothing else.
 *
 * What another library takes, divided by this, is how far ahead of it one would be with a library that costs nothing. Only workloads
 * are here in which the host, or the workload's own functions, take a good part of the time.
 */
import { sleepMs } from '../workloads.js'

/** @param {number} value */
const fromMicrotask = (value) => (/** @type {(value: number) => void} */ resume) =>
  queueMicrotask(() => resume(value))

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/** @type {Record<string, (n: number, probe: import('../probe.js').Probe) => Promise<number>>} */
export const workloads = {
  deep: async (n) => {
    /** What a level hands over: what comes of it, and what comes next. @type {Array<(x: number) => number>} */
    const waiting = []
    /** @typedef {() => Next | undefined} Next */
    /** @type {(i: number) => Next | undefined} */
    const deep = (i) => {
      if (i === 0) return undefined
      waiting.push((x) => x + 1)
      return () => deep(i - 1)
    }
    for (let next = deep(n); next !== undefined; next = next());
    let value = 0
    for (let after = waiting.pop(); after !== undefined; after = waiting.pop()) value = after(value)
    return value
  },

  /** A generator made anew, and one step of it. */
  genFresh: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) {
      const made = function* () {
        return yield i
      }
      const steps = made()
      total += Number(steps.next().value)
      steps.return(0)
    }
    return total
  },

  asyncMicro: (n) =>
    new Promise((resolve) => {
      /** @param {number} i */
      const loop = (i) => (i === n ? resolve(i) : fromMicrotask(i + 1)(loop))
      loop(0)
    }),

  promiseLift: async (n) => {
    let value = 0
    for (let i = 0; i < n; i++) value = await Promise.resolve(value + 1)
    return value
  },

  allAsync: (n) =>
    new Promise((resolve) => {
      const works = Array.from({ length: n }, (_, i) => fromMicrotask(i))
      /** @type {Array<number>} */
      const values = new Array(n)
      let left = n
      works.forEach((work, index) => {
        work((value) => {
          values[index] = value
          if (--left === 0) resolve(sum(values))
        })
      })
    }),

  forEach16: (n) =>
    new Promise((resolve) => {
      const items = Array.from({ length: n }, (_, i) => i)
      /** @type {Array<number>} */
      const values = []
      let begun = 0
      let left = n
      const next = () => {
        const index = begun++
        if (index >= n) return
        fromMicrotask(/** @type {number} */ (items[index]))((value) => {
          values[index] = value
          if (--left === 0) resolve(sum(values))
          else next()
        })
      }
      for (let worker = 0; worker < 16; worker++) next()
    }),

  raceTimeout: (n) =>
    new Promise((resolve) => {
      // One timer is enough for all of them: none ever fires.
      const timer = setTimeout(() => {}, 1000)
      let total = 0
      /** @param {number} i */
      const loop = (i) => {
        if (i === n) {
          clearTimeout(timer)
          resolve(total)
        } else
          setImmediate(() => {
            total += i
            loop(i + 1)
          })
      }
      loop(0)
    }),

  runEdge: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await Promise.resolve(i)
    return total
  },

  edgePromise: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await Promise.resolve(i)
    return total
  },

  /** One timer of the host for all who are to wake at the same time. */
  sleepers: (n, probe) =>
    new Promise((resolve) => {
      probe.busy()
      let asleep = 0
      let most = 0
      let woken = 0
      /** @type {Array<Array<() => void>>} */
      const lines = Array.from({ length: 64 }, () => [])
      /** @param {number} i */
      const sleeper = (i) => () => {
        most = Math.max(most, ++asleep)
        lines[i % 64]?.push(() => {
          asleep--
          if (++woken === n) resolve(most + woken)
        })
      }
      const sleepers = Array.from({ length: n }, (_, i) => sleeper(i))
      for (const begin of sleepers) begin()
      lines.forEach((line, index) => {
        setTimeout(() => {
          for (const wake of line) wake()
        }, sleepMs(n) + index)
      })
    })
}
