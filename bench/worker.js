/**
 * One library, one workload, in a process of its own: `node bench/worker.js '{"library": ..., ...}'`.
 *
 * Warms up until that many milliseconds are over, then takes samples until it has enough of them or has taken too long, and
 * prints them as one line of JSON.
 */
import { sample } from './probe.js'
import { fitting, workloadNamed } from './workloads.js'

/**
 * @typedef {object} Job
 * @property {string} library
 * @property {string} workload
 * @property {number} n
 * @property {number} warmUpMs
 * @property {number} samples at most
 * @property {number} sampleMs no further sample is begun after this time
 * @property {boolean} mixed whether the library has done all its other workloads before
 */

/** @param {Job} job */
const work = async ({ library, workload: name, n, warmUpMs, samples, sampleMs, mixed }) => {
  const { workloads } = await import(`./libraries/${library}.js`)
  const workload = workloadNamed(name)
  if (mixed)
    for (const [other, run] of Object.entries(workloads)) {
      const { n: _, ...rest } = workloadNamed(other)
      await sample({ ...rest, n }, run, fitting(workloadNamed(other), 2000))
    }
  const run = workloads[name]
  const few = fitting(workload, Math.min(n, Math.max(n / 10, 1000)))
  const begunWarmUp = performance.now()
  do await sample(workload, run, few)
  while (performance.now() - begunWarmUp < warmUpMs && workload.once !== true)
  const begun = performance.now()
  const taken = []
  do taken.push(await sample(workload, run, n))
  while (taken.length < samples && performance.now() - begun < sampleMs)
  return taken
}

process.stdout.write(`${JSON.stringify(await work(JSON.parse(process.argv[2] ?? '')))}\n`)
