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
import { fitting, workloadNamed } from './workloads.js'
import { Yardstick } from './yardstick.js'

/**
 * @typedef {object} Job
 * @property {string} library
 * @property {string} workload
 * @property {number} n
 * @property {number} warmUpMs how long it is done without being measured, in growing numbers; at least once
 * @property {number} samples at most
 * @property {number} sampleMs no further sample is begun after so much time has gone to quiet ones
 * @property {number} patienceMs nor after this, whether the machine was quiet or not; with 0 each sample counts as quiet
 * @property {number} [quickestMs] what the yardstick takes while the machine is quiet
 * @property {number} longestMs where one sample would take longer than this, `n` is made smaller
 * @property {number} [pieceMs] a sample has no more operations than take this time: it has to fit into what a busy machine has of quiet
 * @property {boolean} mixed whether the library has done all its other workloads before
 * @property {boolean} [isCollected] whether each sample begins with an empty young space, and not only the first
 */

/** @typedef {{ readonly figures: Record<string, number>, readonly isQuiet: boolean }} Sample whether the machine was quiet */

/**
 * @typedef {object} Taken
 * @property {number} n
 * @property {ReadonlyArray<Sample>} samples
 * @property {number | null} quickestMs the least that the yardstick has taken, where it was needed
 */

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
  const { pieceMs = job.longestMs } = job
  const piece = fitting(workload, Math.min(n, Math.max(longest * (pieceMs / job.longestMs), 100)))
  collect()
  return { n, ...(await samplesOf(() => sample(workload, run, piece), job)) }
}

/** A sample is begun when nothing has been quiet for this part of the patience. */
const waitShare = 1 / 8

/**
 * @param {() => Promise<Record<string, number>>} take
 * @param {Job} job
 * @returns {Promise<Omit<Taken, 'n'>>}
 */
const samplesOf = async (take, { samples: most, sampleMs, patienceMs, quickestMs, isCollected }) => {
  const yardstick = patienceMs === 0 ? undefined : new Yardstick(quickestMs)
  const begun = performance.now()
  const passed = () => performance.now() - begun
  /** @type {Array<Sample>} */
  const samples = []
  let [quiet, quietMs] = [0, 0]
  do {
    if (isCollected) collect()
    const beganQuiet = (await yardstick?.becomesQuiet(patienceMs * waitShare)) ?? true
    const before = passed()
    const figures = await take()
    const tookMs = passed() - before
    const isQuiet = beganQuiet && (yardstick?.isQuiet() ?? true)
    samples.push({ figures, isQuiet })
    if (isQuiet) {
      quiet++
      quietMs += tookMs
    }
    // One that is done once a process is not done again.
  } while (most > 1 && quiet < most && quietMs < sampleMs && (patienceMs === 0 || passed() < patienceMs))
  return { samples, quickestMs: yardstick?.quickestMs ?? null }
}

process.stdout.write(`${JSON.stringify(await work(JSON.parse(process.argv[2] ?? '')))}\n`)
// Whatever a library has left behind is not waited for.
process.exit(0)
