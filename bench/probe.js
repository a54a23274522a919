/** What a workload reports while it is measured. */

/** A full collection. It lets go of the young space as well, which then grows again from nothing: not to be asked for between samples. */
export const collect = () => globalThis.gc?.()

/** What the heap holds once nothing more can be let go. Finalization takes a turn of the event loop, so it is asked twice. */
const heapUsed = async () => {
  collect()
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  return process.memoryUsage().heapUsed
}

export class Probe {
  /** Nanoseconds, or bytes a fiber, by metric; '' where a workload has but one. @type {Record<string, number>} */
  figures = {}
  #n = 1
  #begun = 0
  #heap = 0
  #isBusyOnly = false
  #idle = performance.eventLoopUtilization()

  /** What came before does not count. */
  start() {
    if (this.#isBusyOnly) this.#idle = performance.eventLoopUtilization()
    this.#begun = performance.now()
  }

  /** What comes after does not count. @param {string} [metric] */
  stop(metric = '') {
    const ms = this.#isBusyOnly
      ? performance.eventLoopUtilization(this.#idle).active
      : performance.now() - this.#begun
    this.figures[metric] = ms * 1e6
  }

  /** Only the time counts in which the event loop has something to do. */
  busy() {
    this.#isBusyOnly = true
    this.start()
  }

  /** From here on `n` fibers are parked. @param {number} n */
  async park(n) {
    this.#n = n
    this.#heap = await heapUsed()
  }

  /** They are parked now. */
  async parked() {
    this.figures[''] = ((await heapUsed()) - this.#heap) / this.#n
  }
}

/**
 * One sample: its figures, each for one operation, or a word on why it does not count.
 *
 * @param {import('./workloads.js').Workload} workload
 * @param {(n: number, probe: Probe) => Promise<number>} run
 * @param {number} n
 * @returns {Promise<Record<string, number>>}
 */
export const sample = async (workload, run, n) => {
  const probe = new Probe()
  probe.start()
  const result = await run(n, probe)
  if (Object.keys(probe.figures).length === 0) probe.stop()
  const expected = workload.result(n)
  if (result !== expected) throw new Error(`${workload.name} of ${n} gave ${result} in place of ${expected}`)
  return Object.fromEntries(
    Object.entries(probe.figures).map(([metric, figure]) => [
      metric,
      workload.unit === 'bytes' ? figure : figure / n
    ])
  )
}
