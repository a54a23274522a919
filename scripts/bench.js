/**
 * `npm run bench`: the workloads of bench/, ours and the peers' side by side. Installs what they need from bench/'s own lock file.
 *
 * Progress is on stderr; the tables, or with --json all figures, on stdout. All of it, in full, is written to docs/benchmarks.md.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { npm, root, run, Stop } from './process.js'
import { wireit } from './wireit.js'

const help = `Usage: npm run bench -- [options] [name ...]

Runs the workloads (all, if none is named), each library in a process of its own, in turns, and prints the
medians: nanoseconds (or bytes) an operation, and how many times ours. Loops are measured in moments in which
nobody else uses the processor's core: a process waits up to four seconds for some. A name is a workload's, or
one of
  alone   ours and Effect's in processes that do one workload and nothing else
  flat    the cost of our workloads at 1e4 and 1e6
  start   the time that importing each entry takes
  types   what a type checker has to do for 1,000 lines
  size    what bundles weigh
  inspector  what it costs a program to be looked at
  executors  small jobs on threads and over a queue, against raw piscina and raw BullMQ
  traces  our workloads without and with the lines of failing operations
  costs   nanoseconds and bytes of single operations, for docs/guides/servers.md
  http    a service on node:http: requests a second, and latency at a fixed rate
Without names all of it is done, and without --quick, --libraries and --alone written to docs/benchmarks.md and
.svg.

Options:
  --rounds N         how many rounds, 1 to 99 (default: 3)
  --libraries A,B    which peers, beside our own (default: all); the workloads alone, if nothing is named
  --alone            do no other workload before, so that V8 compiles a library for one shape alone
  --quick            too few of everything for the figures to mean much: to see that it works
  --json             all figures as JSON
  --help             print this help
`

const options = /** @type {const} */ ({
  rounds: { type: 'string', default: '3' },
  libraries: { type: 'string' },
  alone: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
})

const sections = [
  'alone',
  'flat',
  'start',
  'types',
  'size',
  'executors',
  'inspector',
  'traces',
  'costs',
  'http'
]

const bench = join(root, 'bench')

/** Ours is this very checkout: a link, which bench/'s lock file need not know of. */
const linkOurs = () => {
  const link = join(bench, 'node_modules/aio-ts')
  if (!existsSync(link)) symlinkSync(root, link, 'junction')
}

/** What bench/ needs, from its own lock file. */
export const ensurePeers = async () => {
  if (existsSync(join(bench, 'node_modules/.package-lock.json'))) return linkOurs()
  console.error('Installing what bench/package-lock.json names ...')
  const [command, args] = npm()
  const { code } = await run(command, [...args, 'ci', '--no-audit', '--no-fund'], {
    stdout: 'stderr',
    cwd: bench
  })
  if (code !== 0) throw new Stop(`npm ci in bench/ failed (exit code ${code}): its output is above.`)
  linkOurs()
}

/** @param {ReadonlyArray<string>} args */
const choicesOf = (args) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}\n\n${help}`, 2)
  }
}

/** The version that is installed of a package, in bench/ or here. @param {string} folder */
const versionIn = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).version

/** A line a step; on a terminal, one that changes. */
const makeProgress = async () => {
  if (!process.stderr.isTTY) return { tell: (/** @type {string} */ text) => console.error(text), end() {} }
  const { default: ora } = await import('ora')
  const spinner = ora({ stream: process.stderr, discardStdin: false }).start()
  return {
    tell: (/** @type {string} */ text) => {
      spinner.text = text
    },
    end: () => void spinner.stop()
  }
}

/** @param {number} ms */
const rest = (ms) => (ms < 90_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`)

/** @param {import('../bench/results.js').Results} results */
const chartOf = (results) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(bench, 'report/chart.js')], {
    input: JSON.stringify(results),
    encoding: 'utf8',
    maxBuffer: 2 ** 26
  })
  if (status !== 0) throw new Stop(`The chart could not be drawn:\n${stderr}`)
  return stdout
}

/** @returns {Promise<import('../bench/results.js').Results['sizes']>} */
const measureSizes = async () => {
  const script = join(bench, 'size/measure.js')
  const { code, stdout, stderr } = await run(process.execPath, [script, '--peers'], { stdout: 'pipe' })
  if (code !== 0) throw new Stop(`The fixtures could not be bundled:\n${stderr}`)
  return JSON.parse(stdout)
}

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  const { values, positionals } = choicesOf(args)
  if (values.help) {
    console.log(help)
    return 0
  }
  const rounds = Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 99) {
    throw new Stop(`--rounds: expected a whole number from 1 to 99, got ${values.rounds}`, 2)
  }
  await ensurePeers()
  await wireit('build:dist')
  const {
    flatSteps,
    librariesOf,
    measure,
    measureAlone,
    measureFlat,
    measureTraces,
    needed,
    stepsOf,
    traced
  } = await import('../bench/measure.js')
  const { pageOf } = await import('../bench/report/page.js')
  const {
    aloneTable,
    costsTable,
    executorsTable,
    flatTable,
    httpTable,
    inspectorTable,
    lossesOf,
    meanSentence,
    sizeTable,
    startTable,
    tracesTable,
    typesTable,
    workloadTable
  } = await import('../bench/report/tables.js')
  const { costSteps, measureCosts } = await import('../bench/costs/measure.js')
  const { httpSteps, measureHttp } = await import('../bench/http/measure.js')
  const { executorSteps, measureExecutors } = await import('../bench/executors/measure.js')
  const { inspectorSteps, measureInspector } = await import('../bench/inspector/measure.js')
  const { entries, measureStart } = await import('../bench/start.js')
  const { budget, checks, measureTypes } = await import('../bench/types/measure.js')
  const { libraries: known, ours } = await import('../bench/results.js')
  const { workloads } = await import('../bench/workloads.js')
  const asked = values.libraries?.split(',')
  const unknown = asked?.find((library) => !known.includes(library))
  if (unknown !== undefined) throw new Stop(`--libraries: ${unknown} is none of ${known.join(', ')}`, 2)
  const names = [...workloads.map(({ name }) => name), ...sections]
  const strange = positionals.find((name) => !names.includes(name))
  if (strange !== undefined) throw new Stop(`There is no ${strange}; there are ${names.join(', ')}`, 2)
  const isAll = positionals.length === 0
  const isComplete = isAll && asked === undefined
  const chosen = workloads.filter(({ name }) => isAll || positionals.includes(name))
  const timed = workloads.filter(({ unit }) => unit === 'ns')
  const has = Object.fromEntries(
    sections.map((section) => [section, isComplete || positionals.includes(section)])
  )
  const { quick: isQuick } = values
  const isMixed = !values.alone && !isQuick
  const flatRounds = Math.min(rounds, 2)
  const startRounds = isQuick ? 1 : 15
  const typesRounds = isQuick ? 1 : rounds
  const libraries = librariesOf(asked)
  const steps =
    (await stepsOf(chosen, libraries, rounds)) +
    (has.alone ? rounds * timed.length * 2 : 0) +
    (has.flat ? await flatSteps(timed, flatRounds) : 0) +
    (has.start ? startRounds * entries.length : 0) +
    (has.types ? typesRounds * checks : 0) +
    (has.size ? 1 : 0) +
    (has.executors ? executorSteps(isQuick) : 0) +
    (has.traces ? rounds * traced.length * 2 : 0) +
    (has.inspector ? inspectorSteps(isQuick) : 0) +
    (has.costs ? costSteps : 0) +
    (has.http ? httpSteps : 0)
  let step = 0
  const begun = performance.now()
  const progress = await makeProgress()
  const tell = (/** @type {string} */ what) => {
    const left = step === 0 ? '' : `, ${rest(((performance.now() - begun) / step) * (steps - step))} left`
    progress.tell(`${++step}/${steps}${left}: ${what}`)
  }
  const plan = { rounds, isQuick, isMixed, tell }
  try {
    const rows = chosen.length === 0 ? [] : await measure(chosen, libraries, plan)
    const alone = has.alone ? await measureAlone(timed, plan) : []
    const flat = has.flat ? await measureFlat(timed, { ...plan, rounds: flatRounds }) : []
    const start = has.start ? await measureStart(startRounds, tell) : []
    const types = has.types ? await measureTypes(typesRounds, tell) : []
    if (has.size) tell('sizes')
    const sizes = has.size ? await measureSizes() : []
    const executors = has.executors ? await measureExecutors(isQuick, tell) : []
    const traces = has.traces ? await measureTraces(plan) : []
    const inspector = has.inspector ? await measureInspector(isQuick, tell) : undefined
    const costs = has.costs ? await measureCosts(isQuick, tell) : []
    const http = has.http ? await measureHttp(isQuick, tell) : []
    progress.end()
    /** @type {import('../bench/results.js').Results} */
    const results = {
      date: new Date().toISOString(),
      isQuick,
      isComplete,
      rounds,
      isMixed,
      needed,
      tookSeconds: Math.round((performance.now() - begun) / 1000),
      machine: {
        cpu: cpus()[0]?.model.trim() ?? 'unknown',
        cores: cpus().length,
        memoryGiB: Math.round(totalmem() / 2 ** 30),
        system: `${process.platform} ${process.arch}`
      },
      versions: {
        Node: process.version,
        'aio-ts': versionIn('.'),
        ...Object.fromEntries(
          known
            .filter((library) => library !== ours && existsSync(join(bench, 'node_modules', library)))
            .map((library) => [library, versionIn(`bench/node_modules/${library}`)])
        )
      },
      rows,
      alone,
      flat,
      start,
      types,
      sizes,
      executors,
      traces,
      inspector
    }
    if (isComplete && !isQuick && isMixed) {
      writeFileSync(join(root, 'docs/benchmarks.svg'), chartOf(results))
      writeFileSync(join(root, 'docs/benchmarks.md'), pageOf(results))
      console.error('Written to docs/benchmarks.md and docs/benchmarks.svg')
    }
    if (values.json) console.log(JSON.stringify(results, null, 2))
    else
      console.log(
        [
          rows.length > 0 && workloadTable(rows),
          meanSentence(rows),
          has.alone && aloneTable(alone),
          has.flat && flatTable(flat),
          has.start && startTable(start),
          has.types && typesTable(types),
          has.size && sizeTable(sizes),
          has.executors && executorsTable(executors),
          has.traces && tracesTable(traces),
          inspector !== undefined && inspectorTable(inspector),
          has.costs && costsTable(costs),
          has.http && httpTable(http),
          ...lossesOf(results).missed.map((sentence) => `missed: ${sentence}`)
        ]
          .filter((part) => part !== false)
          .join('\n\n')
      )
    const dear = types.filter(({ library, instantiations }) => library === ours && instantiations > budget)
    for (const { compiler, instantiations } of dear)
      console.error(`${compiler} needs ${instantiations} instantiations, more than the budget of ${budget}`)
    return dear.length > 0 || rows.some((row) => row.failures[ours] !== undefined) ? 1 : 0
  } finally {
    progress.end()
  }
}
