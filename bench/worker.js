/**
 * One library, one workload, in a process of its own: `node bench/worker.js '{"library": ..., ...}'`.
 *
 * Warms up, takes samples until it has enough of them or has taken too long, and prints them as one line of JSON.
 *
 * The garbage of one sample is collected whenever V8 does so, as in any program. To collect it between samples cost each the page faults
 * of a young space that grows from nothing: the same 100 to 500 nanoseconds an operation for all libraries, which was half of the
 * figures of the fast ones.
 */
import { collect, sample } from './probe.js'
import { fitting, workloadNamed } from './workloads.js'

/**
 * @typedef {object} Job
 * @property {string} library
 * @property {string} workload
 * @property {number} n
 * @property {number} warmUpMs how long it is done without being measured, in growing numbers; at least once
 * @property {number} samples at most
 * @property {number} sampleMs no further sample is begun after this time
 * @property {number} longestMs where one sample would take longer than this, `n` is made smaller
 * @property {boolean} mixed whether the library has done all its other workloads before
 * @property {boolean} [isCollected] whether each sample begins with an empty young space, and not only the first
 */

/** @typedef {{ readonly n: number, readonly samples: ReadonlyArray<Record<string, number>> }} Taken */

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
  collect()
  const begun = performance.now()
  const samples = []
  do {
    if (job.isCollected) collect()
    samples.push(await sample(workload, run, n))
  } while (samples.length < job.samples && performance.now() - begun < job.sampleMs)
  return { n, samples }
}

process.stdout.write(`${JSON.stringify(await work(JSON.parse(process.argv[2] ?? '')))}\n`)
// Whatever a library has left behind is not waited for.
process.exit(0)
