/**
 * The workloads by hand: promises, async functions, and an AbortController for each piece of work that can be stopped.
 *
 * Where a promise can do less than a fiber (nothing of it stops by itself, nothing supervises it), no more is asked of it than
 * what the workload is about.
 */
import { setImmediate as immediately } from 'node:timers/promises'
import { lineOf, shuffled, sleepMs } from '../workloads.js'

/** @typedef {import('../probe.js').Probe} Probe */

/** @param {number} value */
const step = async (value) => value + 1

/** @param {number} value */
const fromMicrotask = (value) =>
  new Promise((/** @type {(value: number) => void} */ resolve) => queueMicrotask(() => resolve(value)))

/** @param {ReadonlyArray<number>} numbers */
const sum = (numbers) => numbers.reduce((one, other) => one + other, 0)

/** A queue with room for so many, as it is written by hand where nobody is ever interrupted. */
class PromiseQueue {
  /** @type {Array<number>} */
  #items = []
  /** @type {Array<(item: number) => void>} */
  #getters = []
  /** @type {Array<{ readonly item: number, readonly resolve: () => void }>} */
  #putters = []
  #capacity

  /** @param {number} capacity */
  constructor(capacity) {
    this.#capacity = capacity
  }

  /** @param {number} item */
  async put(item) {
    const getter = this.#getters.shift()
    if (getter !== undefined) getter(item)
    else if (this.#items.length < this.#capacity) this.#items.push(item)
    else
      await new Promise((/** @type {(value: void) => void} */ resolve) => {
        this.#putters.push({ item, resolve })
      })
  }

  /** @returns {Promise<number>} */
  async get() {
    const item = this.#items.shift()
    if (item === undefined)
      return new Promise((resolve) => {
        this.#getters.push(resolve)
      })
    const putter = this.#putters.shift()
    if (putter !== undefined) {
      this.#items.push(putter.item)
      putter.resolve()
    }
    return item
  }
}

/** Those who wait for something, first come first served; a signal takes one out. */
class Line {
  /** @type {Set<() => void>} */
  #waiters = new Set()

  /** @param {AbortSignal} signal */
  wait(signal) {
    return new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
      const stop = () => {
        this.#waiters.delete(pass)
        reject(signal.reason)
      }
      const pass = () => {
        signal.removeEventListener('abort', stop)
        resolve()
      }
      signal.addEventListener('abort', stop, { once: true })
      this.#waiters.add(pass)
    })
  }

  /** Lets the first one pass; whether there was one. */
  pass() {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter)
      waiter()
      return true
    }
    return false
  }
}

/** Work that runs at the same time, each with a controller, so that all of it can be stopped. */
class Jobs {
  /** @type {Map<Promise<unknown>, AbortController>} */
  #running = new Map()

  /** @param {(signal: AbortSignal) => Promise<unknown>} work */
  spawn(work) {
    const controller = new AbortController()
    const job = work(controller.signal).catch((reason) => {
      if (!controller.signal.aborted) throw reason
    })
    this.#running.set(job, controller)
    job.then(
      () => this.#running.delete(job),
      () => this.#running.delete(job)
    )
    return controller
  }

  get size() {
    return this.#running.size
  }

  async close() {
    const ending = [...this.#running.keys()]
    for (const controller of this.#running.values()) controller.abort()
    await Promise.allSettled(ending)
  }
}

/** @param {AbortSignal} signal @param {() => void} [cleanUp] */
const park = (signal, cleanUp) =>
  new Promise((_, reject) => {
    signal.addEventListener(
      'abort',
      () => {
        cleanUp?.()
        reject(signal.reason)
      },
      { once: true }
    )
  })

/** The line after the last. */
const end = ''

/**
 * @param {number} capacity
 * @param {number} pairs
 */
const queue = (capacity, pairs) => async (/** @type {number} */ n) => {
  const line = new PromiseQueue(capacity)
  const each = n / pairs
  let total = 0
  /** @param {number} pair */
  const produce = async (pair) => {
    for (let i = pair * each; i < (pair + 1) * each; i++) await line.put(i)
  }
  const consume = async () => {
    for (let i = 0; i < each; i++) {
      const item = await line.get()
      total += item
    }
  }
  await Promise.all(Array.from({ length: pairs }, (_, pair) => [produce(pair), consume()]).flat())
  return total
}

/**
 * @param {number} n
 * @param {Probe} probe
 */
const startAndStop = async (n, probe) => {
  let parked = 0
  let ended = 0
  /** @param {AbortSignal} signal */
  const parking = async (signal) => {
    parked++
    await park(signal, () => ended++)
  }
  probe.start()
  const jobs = new Jobs()
  for (let i = 0; i < n; i++) jobs.spawn(parking)
  probe.stop('start')
  probe.start()
  await jobs.close()
  probe.stop('stop')
  return parked + ended
}

/** @param {(signal: AbortSignal) => Promise<unknown>} parking */
const memory = (parking) => async (/** @type {number} */ n, /** @type {Probe} */ probe) => {
  const jobs = new Jobs()
  await probe.park(n)
  for (let i = 0; i < n; i++) jobs.spawn(parking)
  await probe.parked()
  const parked = jobs.size
  await jobs.close()
  return jobs.size === 0 ? parked : -1
}

/** @type {(n: number, probe: Probe) => Promise<number>} */
const interrupts = async (n, probe) => {
  const line = new Line()
  const controllers = Array.from({ length: n }, () => new AbortController())
  const waits = controllers.map(({ signal }) =>
    line.wait(signal).then(
      () => true,
      () => false
    )
  )
  const inRandomOrder = shuffled(n)
  probe.start()
  for (const index of inRandomOrder) controllers[index]?.abort()
  const passed = await Promise.all(waits)
  probe.stop()
  return passed.filter((has) => !has).length + Number(!line.pass())
}

/** @type {Record<string, (n: number, probe: Probe) => Promise<number>>} */
export const workloads = {
  flatMapLoop: async (n) => {
    let value = 0
    for (let i = 0; i < n; i++) value = await step(value)
    return value
  },

  mapChain: async (n) => {
    let total = 0
    for (let i = 0; i < n / 1000; i++) {
      let chain = Promise.resolve(0)
      for (let depth = 0; depth < 1000; depth++) chain = chain.then((x) => x + 1)
      total += await chain
    }
    return total
  },

  genLoop: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) total += await Promise.resolve(i)
    return total
  },

  genFresh: async (n) => {
    let total = 0
    for (let i = 0; i < n; i++) {
      const work = async () => {
        return await Promise.resolve(i)
      }
      total += await work()
    }
    return total
  },

  fn: async (n) => {
    /** @param {number} i */
    const work = async (i) => {
      return await Promise.resolve(i)
    }
    let total = 0
    for (let i = 0; i < n; i++) total += await work(i)
    return total
  },

  nested: async (n) => {
    /** @param {number} i */
    const inner = async (i) => {
      return await Promise.resolve(i)
    }
    /** @param {number} i */
    const middle = async (i) => {
      return await inner(i)
    }
    /** @param {number} i */
    const outer = async (i) => {
      return await middle(i)
    }
    let total = 0
    for (let i = 0; i < n; i++) total += await outer(i)
    return total
  },

  failRecover: async (n) => {
    /** @param {number} error @returns {Promise<number>} */
    const fail = async (error) => {
      throw error
    }
    let value = 0
    for (let i = 0; i < n; i++) {
      try {
        value = await fail(value)
      } catch (error) {
        value = Number(error) + 1
      }
    }
    return value
  },

  deep: (n) => {
    /** @param {number} i @returns {Promise<number>} */
    const deep = async (i) => {
      if (i === 0) return 0
      // Else its first part ran on the caller's stack.
      await undefined
      return (await deep(i - 1)) + 1
    }
    return deep(n)
  },

  asyncMicro: async (n) => {
    let value = 0
    for (let i = 0; i < n; i++) value = await fromMicrotask(value + 1)
    return value
  },

  promiseLift: async (n) => {
    let value = 0
    for (let i = 0; i < n; i++) value = await Promise.resolve(value + 1)
    return value
  },

  spawnJoin: async (n) => {
    /** @type {Set<Promise<unknown>>} */
    const running = new Set()
    /** @param {() => Promise<number>} work */
    const spawn = (work) => {
      const job = work().finally(() => running.delete(job))
      running.add(job)
      return job
    }
    let total = 0
    for (let i = 0; i < n; i++) total += await spawn(async () => i)
    return running.size === 0 ? total : -1
  },

  spawnClose: async (n, probe) => {
    const result = await startAndStop(n, probe)
    const { start = 0, stop = 0 } = probe.figures
    probe.figures = { '': start + stop }
    return result
  },

  allAsync: async (n) => sum(await Promise.all(Array.from({ length: n }, (_, i) => fromMicrotask(i)))),

  forEach16: async (n) => {
    /** @type {Array<number>} */
    const results = new Array(n)
    let next = 0
    const worker = async () => {
      while (next < n) {
        const i = next++
        results[i] = await fromMicrotask(i)
      }
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    return sum(results)
  },

  queue1: queue(1, 1),
  queue128: queue(128, 1),
  queueMpmc: queue(8, 8),

  bracket: async (n) => {
    let open = 0
    let released = 0
    const acquire = async () => ++open
    /** @param {number} resource */
    const use = async (resource) => resource
    const release = async () => {
      open--
      released++
    }
    let total = 0
    for (let i = 0; i < n; i++) {
      const resource = await acquire()
      try {
        total += await use(resource)
      } finally {
        await release()
      }
    }
    return total + released + open
  },

  raceTimeout: async (n) => {
    /**
     * @template A
     * @param {(signal: AbortSignal) => Promise<A>} work
     * @param {number} ms
     */
    const within = async (work, ms) => {
      const controller = new AbortController()
      const timer = setTimeout(() => controller.abort(), ms)
      try {
        return await work(controller.signal)
      } finally {
        clearTimeout(timer)
      }
    }
    let total = 0
    for (let i = 0; i < n; i++) total += await within((signal) => immediately(i, { signal }), 1000)
    return total
  },

  sleepers: async (n, probe) => {
    probe.busy()
    let asleep = 0
    let most = 0
    let woken = 0
    /** @param {number} i */
    const sleeper = async (i) => {
      most = Math.max(most, ++asleep)
      await new Promise((resolve) => setTimeout(resolve, sleepMs(n) + (i % 64)))
      asleep--
      woken++
    }
    await Promise.all(Array.from({ length: n }, (_, i) => sleeper(i)))
    return most + woken
  },

  runEdge: async (n) => {
    /** @param {number} i */
    const succeed = async (i) => i
    let total = 0
    for (let i = 0; i < n; i++) total += await succeed(i)
    return total
  },

  edgePromise: async (n) => {
    /** @param {number} i */
    const handler = async (i) => {
      return await Promise.resolve(i)
    }
    let total = 0
    for (let i = 0; i < n; i++) total += await handler(i)
    return total
  },

  lines: async (n) => {
    const lines = new PromiseQueue(64)
    let total = 0
    const worker = async () => {
      for (;;) {
        const line = await lines.get()
        if (line === end) return
        total += JSON.parse(line).n
      }
    }
    const reader = async () => {
      for (let i = 0; i < n; i++) await lines.put(lineOf(i))
      for (let i = 0; i < 8; i++) await lines.put(end)
    }
    await Promise.all([reader(), ...Array.from({ length: 8 }, worker)])
    return total
  },

  memoryCallback: memory(park),

  memoryGenerator: memory(async (signal) => {
    await park(signal)
  }),

  interruptDeferred: interrupts,
  interruptFiber: interrupts,
  interruptQueue: interrupts,
  interruptSemaphore: interrupts,

  million: startAndStop
}
