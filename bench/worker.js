/**
 * One library, one workload, in a process of its own: `node bench/worker.js '{"library": ..., ...}'`.
 *
 * Warms up, takes samples until it has enough of them or has taken too long, and prints them as one line of JSON. It waits a while for
 * such that begin and end while the machine is quiet.
 *
 * The garbage of one sample is collected whenever V8 does so, as in any program. To collect it between samples cost each the page faults
 * of a young space that grows from nothing: the same 100 to 500 nanoseconds an operation for all libraries, which was half of the
 * figures of the fast ones.
 */
import { collect, sample } from './probe.js'
import { slack } from './rounds.js'
import { fitting, workloadNamed } from './workloads.js'
import { readYardstick } from './yardstick.js'

/**
 * @typedef {object} Job
 * @property {string} library
 * @property {string} workload
 * @property {number} n
 * @property {number} warmUpMs how long it is done without being measured, in growing numbers; at least once
 * @property {number} samples at most
 * @property {number} sampleMs no further sample is begun after so much time has gone to those that count
 * @property {Pieces} [pieces] where the machine has to be quiet for a sample to count; else each counts
 * @property {number} longestMs where one sample would take longer than this, `n` is made smaller
 * @property {boolean} mixed whether the library has done all its other workloads before
 * @property {boolean} [isCollected] whether each sample begins with an empty young space, and not only the first
 */

/**
 * @typedef {object} Pieces
 * @property {number} ms a sample has no more operations than take this time: it has to fit into what a busy machine has of quiet
 * @property {number} patienceMs no further sample is begun after this, however few were quiet
 * @property {number} baselineMs what the yardstick takes while the machine is quiet
 */

/** @typedef {{ readonly figures: Record<string, number>, readonly yardstickMs?: number }} Sample and, of a piece, the longer reading of the yardstick before and after it */

/** @typedef {{ readonly n: number, readonly samples: ReadonlyArray<Sample> }} Taken */

/**
 * @param {Job} job
 * @returns {Promise<Taken>}
 */
const work = async (job) => {
  const { workloads } = await import(`./libraries/${job.library}.js`)
  const workload = workloadNamed(job.workload)
  const run = workloads[job.workload]
  if (job.mixed)
    for (const [name, other] of Object.entries(workloads))
      await sample(workloadNamed(name), other, fitting(workloadNamed(name), 2000))
  // Growing, so that a slow library is found out before it is asked for all of it.
  let few = fitting(workload, Math.min(job.n, 1000))
  let longest = job.longestMs
  const begunWarmUp = performance.now()
  for (;;) {
    const begun = performance.now()
    await sample(workload, run, few)
    const ms = performance.now() - begun
    longest = (job.longestMs / ms) * few
    const isWarm = performance.now() - begunWarmUp >= job.warmUpMs && few * 10 >= Math.min(job.n, longest)
    if (isWarm) break
    few = fitting(workload, Math.min(few * 4, Math.max(job.n / 10, 1000), longest))
  }
  const n = fitting(workload, Math.min(job.n, Math.max(longest, 100)))
  const { pieces } = job
  collect()
  if (pieces === undefined) return { n, samples: await samplesOf(() => sample(workload, run, n), job) }
  const piece = fitting(workload, Math.min(n, Math.max(longest * (pieces.ms / job.longestMs), 100)))
  // The young space has to grow again, which pieces are too short to bear: the first took up to four times as long as the others.
  await sample(workload, run, piece)
  return { n, samples: await quietSamplesOf(() => sample(workload, run, piece), job, pieces) }
}

/** @typedef {() => Promise<Record<string, number>>} Take */

/** @param {Take} take @param {Job} job @returns {Promise<ReadonlyArray<Sample>>} */
const samplesOf = async (take, { samples: most, sampleMs, isCollected }) => {
  const begun = performance.now()
  const samples = []
  do {
    if (isCollected) collect()
    samples.push({ figures: await take() })
  } while (samples.length < most && performance.now() - begun < sampleMs)
  return samples
}

/** For so long it waits for a sample to begin on a quiet machine: begun it is in any case, so that there are some. */
const waitMs = 500

/**
 * Waits without giving the event loop its turn, which might be used to collect garbage, off the clock.
 *
 * @param {Take} take
 * @param {Job} job
 * @param {Pieces} pieces
 * @returns {Promise<ReadonlyArray<Sample>>}
 */
const quietSamplesOf = async (take, { samples: most, sampleMs }, { patienceMs, baselineMs }) => {
  const limit = baselineMs * slack
  const begun = performance.now()
  /** @type {Array<Sample>} */
  const samples = []
  let [quiet, quietMs] = [0, 0]
  do {
    let before = readYardstick()
    for (const waiting = performance.now(); before > limit && performance.now() - waiting < waitMs; )
      before = readYardstick()
    const began = performance.now()
    const figures = await take()
    const ms = performance.now() - began
    const yardstickMs = Math.max(before, readYardstick())
    samples.push({ figures, yardstickMs })
    if (yardstickMs > limit) continue
    quiet++
    quietMs += ms
  } while (quiet < most && quietMs < sampleMs && performance.now() - begun < patienceMs)
  return samples
}

process.stdout.write(`${JSON.stringify(await work(JSON.parse(process.argv[2] ?? '')))}\n`)
// Whatever a library has left behind is not waited for.
process.exit(0)
