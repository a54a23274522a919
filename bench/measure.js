/**
 * Runs the workloads: each library in a process of its own, libraries in turn, so that whatever else the machine does meanwhile
 * hits all of them alike.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../scripts/process.js'
import { floor, libraries, ours } from './results.js'
import { baselineOf, figureOf, ratioOf, roundOf, sumOf } from './rounds.js'
import { rotated } from './statistics.js'
import { fitting, together, workloadNamed } from './workloads.js'
import { readingsWithin } from './yardstick.js'

/** @typedef {import('./results.js').Row} Row */
/** @typedef {import('./results.js').Flat} Flat */
/** @typedef {import('./rounds.js').Round} Round */
/** @typedef {import('./workloads.js').Workload} Workload */

/**
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {boolean} isQuick
 * @property {boolean} isMixed whether a process does all other workloads first
 * @property {(what: string) => void} tell called before each step
 */

const worker = fileURLToPath(new URL('./worker.js', import.meta.url))

/** A process that has not come back after this time is given up, in milliseconds. */
const longestMs = 90_000

/** Too many for one sample, in milliseconds: a slower library does fewer. */
const sampleLimitMs = 2000

/** So many operations show that a workload works. */
const quickly = 2000

/** How long the yardstick is read first, and how long a process waits for samples from a quiet machine, in milliseconds. */
const readMs = 3000
const patienceMs = 4000

/** A sample that has to be quiet is so short that it fits into the tenths of a second for which a busy machine is, in milliseconds. */
const pieceMs = 15

/** Of the yardstick, in all processes so far. @type {Array<number>} */
const readings = []

/** What a job in pieces has in place of whole samples. */
const inPieces = () => {
  if (readings.length === 0) readings.push(...readingsWithin(readMs))
  return { samples: 25, pieces: { ms: pieceMs, patienceMs, baselineMs: baselineOf(readings) } }
}

/** How many processes were run that need the machine to be quiet, and for how many it was. */
export const needed = { processes: 0, quiet: 0 }

/**
 * What one process has found. Judged by all readings of the yardstick there are by now: the first may be of a busy machine alone.
 *
 * @param {import('./worker.js').Taken} taken
 * @param {string} metric
 */
const judged = ({ samples }, metric) => {
  if (samples.some(({ yardstickMs }) => yardstickMs === undefined)) return roundOf(samples, metric)
  const round = roundOf(samples, metric, baselineOf(readings))
  needed.processes++
  if (round.quiet !== null) needed.quiet++
  return round
}

/**
 * Which libraries can do a workload.
 *
 * @param {ReadonlyArray<string>} wanted
 * @returns {Promise<Map<string, ReadonlySet<string>>>} the names of workloads by library
 */
export const abilities = async (wanted) => {
  // In a process of its own: loading a library may change globals, and costs time.
  const loads = wanted.map((library) => [library, new URL(`./libraries/${library}.js`, import.meta.url).href])
  const text = `const found = {}
for (const [name, url] of ${JSON.stringify(loads)}) found[name] = Object.keys((await import(url)).workloads)
console.log(JSON.stringify(found))`
  const { code, stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', text], {
    stdout: 'pipe'
  })
  if (code !== 0) throw new Stop(`The libraries could not be loaded:\n${stderr}`)
  /** @type {Record<string, ReadonlyArray<string>>} */
  const found = JSON.parse(stdout)
  return new Map(Object.entries(found).map(([library, names]) => [library, new Set(names)]))
}

/**
 * @param {import('./worker.js').Job} job
 * @param {Record<string, string>} [env]
 * @returns {Promise<import('./worker.js').Taken | string>} or why there is none
 */
const runWorker = async (job, env = {}) => {
  const args = ['--expose-gc', '--max-old-space-size=12000', worker, JSON.stringify(job)]
  const { code, stdout, stderr } = await run(process.execPath, args, {
    stdout: 'pipe',
    timeoutMs: longestMs,
    env
  })
  if (code === 0) {
    /** @type {import('./worker.js').Taken} */
    const taken = JSON.parse(stdout)
    readings.push(...taken.samples.flatMap(({ yardstickMs }) => yardstickMs ?? []))
    return taken
  }
  if (stderr.includes('Stopped: ')) return `not done after ${longestMs / 1000} s`
  return stderr.match(/^\w*Error: .*$|^.*heap out of memory.*$/m)?.[0] ?? `exit code ${code}`
}

/**
 * @param {Workload} workload
 * @param {Plan} plan
 * @returns {Omit<import('./worker.js').Job, 'library'>}
 */
const wholeJobOf = (workload, { isQuick, isMixed }) => ({
  workload: workload.name,
  n: fitting(workload, isQuick ? quickly : workload.n),
  warmUpMs: isQuick || workload.once === true ? 0 : 250,
  samples: isQuick || workload.once === true ? 1 : 15,
  sampleMs: 600,
  longestMs: sampleLimitMs,
  mixed: isMixed
})

/**
 * The same, in pieces where it may be.
 *
 * @param {Workload} workload
 * @param {Plan} plan
 * @returns {Omit<import('./worker.js').Job, 'library'>}
 */
const jobOf = (workload, plan) => ({
  ...wholeJobOf(workload, plan),
  ...(workload.inPieces && !plan.isQuick && inPieces())
})

/** @param {Workload} workload @param {string} metric */
const rowName = ({ name, metrics }, metric) => (metrics === undefined ? name : `${name}, ${metric}`)

/**
 * @param {ReadonlyArray<Workload>} workloads
 * @param {ReadonlyArray<string>} wanted libraries
 * @param {Plan} plan
 * @returns {Promise<ReadonlyArray<Row>>}
 */
export const measure = async (workloads, wanted, plan) => {
  const able = await abilities(wanted)
  /** @type {Map<string, Array<import('./worker.js').Taken>>} */
  const taken = new Map()
  /** @type {Map<string, string>} */
  const failures = new Map()
  /** @param {string} library @param {Workload} workload */
  const key = (library, { name }) => `${library} ${name}`
  for (let round = 0; round < plan.rounds; round++) {
    for (const workload of workloads) {
      const doing = wanted.filter((library) => able.get(library)?.has(workload.name))
      for (const library of rotated(doing, round)) {
        // What has failed once is not waited for again.
        if (failures.has(key(library, workload))) continue
        plan.tell(`round ${round + 1} of ${plan.rounds}: ${workload.name}, ${library}`)
        const found = await runWorker({ library, ...jobOf(workload, plan) })
        if (typeof found === 'string') failures.set(key(library, workload), found)
        else taken.set(key(library, workload), [...(taken.get(key(library, workload)) ?? []), found])
      }
    }
  }
  /** @param {string} library @param {Workload} workload */
  const takenOf = (library, workload) =>
    failures.has(key(library, workload)) ? [] : (taken.get(key(library, workload)) ?? [])
  const rows = workloads.flatMap((workload) =>
    (workload.metrics ?? ['']).map((metric) => {
      const name = rowName(workload, metric)
      const { what, unit } = workload
      const { n } = wholeJobOf(workload, plan)
      const found = wanted.map((library) => {
        const all = takenOf(library, workload)
        const rounds = all.map((one) => judged(one, metric))
        return /** @type {const} */ ([
          library,
          { rounds, n: workload.inPieces ? n : Math.min(...all.map((one) => one.n)) }
        ])
      })
      const failed = wanted.flatMap((library) => {
        const failure = failures.get(key(library, workload))
        return failure === undefined ? [] : [[library, failure]]
      })
      const targets = workload.targets.filter((one) => one.metric === undefined || one.metric === metric)
      return rowOf({ name, what, unit, n, failures: Object.fromEntries(failed) }, found, targets)
    })
  )
  return [...rows, ...together.flatMap((sum) => togetherOf(sum, rows))]
}

/**
 * @param {Pick<Row, 'name' | 'what' | 'unit' | 'n' | 'failures'>} about
 * @param {ReadonlyArray<readonly [string, { readonly rounds: ReadonlyArray<Round>, readonly n: number }]>} found by library
 * @param {Workload['targets']} targets
 * @returns {Row}
 */
const rowOf = (about, found, targets) => {
  const own = found.find(([library]) => library === ours)?.[1].rounds ?? []
  /** @type {Record<string, import('./results.js').Result>} */
  const results = {}
  for (const [library, { rounds, n }] of found) {
    if (rounds.length === 0) continue
    results[library] = { figure: figureOf(rounds), rounds, n, ratio: ratioOf(rounds, own) }
  }
  return {
    ...about,
    results,
    targets: targets.flatMap(({ library, atLeast }) => {
      const result = results[library]
      if (result === undefined) return []
      const { ratio, rounds } = result
      const verdict = { library, atLeast, ratio, isMet: ratio >= atLeast }
      const most = ratioOf(rounds, results[floor]?.rounds)
      return [Number.isNaN(most) ? verdict : { ...verdict, most }]
    })
  }
}

/**
 * @param {typeof together[number]} sum
 * @param {ReadonlyArray<Row>} rows
 * @returns {ReadonlyArray<Row>} one, or none where not all of it was measured
 */
const togetherOf = ({ name, what, of, targets }, rows) => {
  const parts = rows.filter((row) => of.includes(row.name))
  const [first] = parts
  if (first === undefined || parts.length < of.length) return []
  const found = Object.keys(first.results).flatMap((library) => {
    const results = parts.flatMap((part) => part.results[library] ?? [])
    if (results.length < parts.length) return []
    const rounds = sumOf(results.map((result) => result.rounds))
    return [/** @type {const} */ ([library, { rounds, n: first.n }])]
  })
  const failures = Object.assign({}, ...parts.map((part) => part.failures))
  return [rowOf({ name, what, unit: first.unit, n: first.n, failures }, found, targets)]
}

/**
 * Ours and Effect's in processes that do nothing else before: how much of a figure V8's compiling for one shape is.
 *
 * @param {ReadonlyArray<Workload>} workloads
 * @param {Plan} plan
 * @returns {Promise<ReadonlyArray<import('./results.js').Alone>>}
 */
export const measureAlone = async (workloads, plan) => {
  const rows = await measure(workloads, ['aio-ts', 'effect'], { ...plan, isMixed: false })
  for (const { name, failures } of rows)
    for (const [library, failure] of Object.entries(failures))
      throw new Stop(`${name} alone, ${library}: ${failure}`)
  return rows.flatMap(({ name, results: { 'aio-ts': own, effect } }) =>
    own === undefined || effect === undefined
      ? []
      : [{ name, ours: own.figure, theirs: effect.figure, ratio: effect.ratio }]
  )
}

/** How many steps `measure` will report. @param {ReadonlyArray<Workload>} workloads @param {ReadonlyArray<string>} wanted @param {number} rounds */
export const stepsOf = async (workloads, wanted, rounds) => {
  const able = await abilities(wanted)
  const pairs = workloads.flatMap(({ name }) => wanted.filter((library) => able.get(library)?.has(name)))
  return pairs.length * rounds
}

/** The two numbers between which the cost must stay the same. */
export const flatCounts = { few: 1e4, many: 1e6 }

/**
 * Which of ours, and of what is left without a library, is done in growing numbers.
 *
 * @param {ReadonlyArray<Workload>} workloads those in time; memory is none
 */
const flatPairs = async (workloads) => {
  const able = await abilities([floor])
  return workloads.flatMap((workload) =>
    [ours, floor]
      .filter((library) => library === ours || able.get(floor)?.has(workload.name))
      .map((library) => ({ workload, library }))
  )
}

/** How many steps `measureFlat` will report. @param {ReadonlyArray<Workload>} workloads @param {number} rounds */
export const flatSteps = async (workloads, rounds) => 2 * rounds * (await flatPairs(workloads)).length

/**
 * Whether an operation of ours costs the same however many there are.
 *
 * @param {ReadonlyArray<Workload>} workloads those in time; memory is none
 * @param {Plan} plan
 * @returns {Promise<ReadonlyArray<Flat>>}
 */
export const measureFlat = async (workloads, plan) => {
  const counts = plan.isQuick ? { few: 1000, many: 4000 } : flatCounts
  /** @type {Record<string, Map<string, { readonly few: Array<Round>, readonly many: Array<Round> }>>} */
  const found = { [ours]: new Map(), [floor]: new Map() }
  const pairs = await flatPairs(workloads)
  for (let round = 0; round < plan.rounds; round++) {
    for (const { workload, library } of pairs) {
      for (const side of /** @type {const} */ (['few', 'many'])) {
        const what = `${workload.name}, ${library}, ${counts[side]} of them`
        plan.tell(`round ${round + 1} of ${plan.rounds}: ${what}`)
        const taken = await runWorker({
          ...wholeJobOf(workload, { ...plan, isMixed: false }),
          library,
          n: fitting(workload, counts[side]),
          // Equally warm, whatever it costs: a cold start would hide that it gets slower.
          warmUpMs: plan.isQuick ? 0 : 400,
          samples: side === 'few' && !plan.isQuick ? 15 : 2,
          sampleMs: 1000,
          // Both begin alike: what ten thousand leave behind would else be reused from the cache, which is not what this is about.
          isCollected: true,
          // Not infinity, which JSON has no word for.
          longestMs: Number.MAX_SAFE_INTEGER
        })
        if (typeof taken === 'string') throw new Stop(`${what}: ${taken}`)
        if (taken.n !== fitting(workload, counts[side]))
          throw new Stop(`${what}: only ${taken.n} operations were done`)
        for (const metric of workload.metrics ?? ['']) {
          const name = rowName(workload, metric)
          const both = found[library]?.get(name) ?? { few: [], many: [] }
          both[side].push(judged(taken, metric))
          found[library]?.set(name, both)
        }
      }
    }
  }
  return [...(found[ours] ?? [])].map(([name, both]) => {
    const least = found[floor]?.get(name)
    const row = {
      name,
      few: figureOf(both.few),
      many: figureOf(both.many),
      ratio: ratioOf(both.many, both.few)
    }
    return least === undefined ? row : { ...row, least: ratioOf(least.many, least.few) }
  })
}

/** What is measured without traces and with them: no operation that may fail, those that fail, those that wait, fibers. */
export const traced = ['flatMapLoop', 'failRecover', 'promiseLift', 'spawnJoin']

/**
 * What it costs that each operation that may fail remembers where it was built.
 *
 * @param {Plan} plan
 * @returns {Promise<ReadonlyArray<import('./results.js').Traces>>}
 */
export const measureTraces = async (plan) => {
  const rows = []
  for (const name of traced) {
    /** @type {Record<'off' | 'on', Array<Round>>} */
    const found = { off: [], on: [] }
    for (let round = 0; round < plan.rounds; round++) {
      for (const side of rotated(/** @type {const} */ (['off', 'on']), round)) {
        plan.tell(`round ${round + 1} of ${plan.rounds}: ${name}, traces ${side}`)
        const job = { ...jobOf(workloadNamed(name), { ...plan, isMixed: false }), library: ours }
        const taken = await runWorker(job, { AIO_TRACE: side === 'on' ? '1' : '0' })
        if (typeof taken === 'string') throw new Stop(`${name}, traces ${side}: ${taken}`)
        found[side].push(judged(taken, ''))
      }
    }
    rows.push({ name, off: figureOf(found.off), on: figureOf(found.on), ratio: ratioOf(found.on, found.off) })
  }
  return rows
}

/** All of them, or those of a person's choice. @param {ReadonlyArray<string> | undefined} chosen */
export const librariesOf = (chosen) =>
  chosen === undefined
    ? libraries
    : libraries.filter((library) => library === ours || chosen.includes(library))

/** For the report: how many processors there are for what is measured and for what collects its garbage. */
export const cores = availableParallelism
