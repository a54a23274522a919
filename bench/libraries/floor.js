/**
 * No library: what is left of a workload when nothing has to be lazy, safe, typed or stoppable. It calls the workload's own functions and
 * asks the host for what the workload is about, by the cheapest means that there are, and does nothing else.
 *
 * What another library takes, divided by this, is the most that anybody could be ahead of it. Only workloads are here in which the
 * host, or the workload's own functions, take a good part of the time.
 */
import { sleepMs } from '../workloads.js'

/** @param {number} value */
const fromMicrotask = (value) => (/** @type {(value: number) => void} */ resume) =>
  queueMicrotask(() => resume(value))

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/** Something of this class is what a generator yields. */
class Step {
  /** @param {number} value */
  constructor(value) {
    this.value = value
  }
}

/**
 * What a recursion is made of: the functions that it hands over, one for what comes next, one for what comes of it.
 *
 * @typedef {{ readonly next: () => Level | undefined, readonly after: (x: number) => number }} Level
 */

/** @type {Record<string, (n: number, probe: import('../probe.js').Probe) => Promise<number>>} */
export const workloads = {
  genLoop: async (n) => {
    const steps = (function* () {
      let total = 0
      for (let i = 0; i < n; i++) total += /** @type {number} */ (yield new Step(i))
      return total
    })()
    let step = steps.next()
    while (!step.done) step = steps.next(step.value.value)
    return step.value
  },

  deep: async (n) => {
    /** @type {(i: number) => Level | undefined} */
    const deep = (i) => (i === 0 ? undefined : { next: () => deep(i - 1), after: (x) => x + 1 })
    const waiting = []
    for (let level = deep(n); level !== undefined; level = level.next()) waiting.push(level.after)
    let value = 0
    for (let after = waiting.pop(); after !== undefined; after = waiting.pop()) value = after(value)
    return value
  },

  asyncMicro: (n) =>
    new Promise((resolve) => {
      /** @param {number} i */
      const loop = (i) => (i === n ? resolve(i) : fromMicrotask(i + 1)(loop))
      loop(0)
    }),

  promiseLift: (n) =>
    new Promise((resolve, reject) => {
      /** @param {number} i */
      const loop = (i) => {
        if (i === n) resolve(i)
        else
          Promise.resolve(i + 1).then(
            (value) => loop(value),
            (reason) => reject(reason)
          )
      }
      loop(0)
    }),

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
    for (let i = 0; i < n; i++)
      total += await new Promise((/** @type {(value: number) => void} */ resolve) => resolve(i))
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
