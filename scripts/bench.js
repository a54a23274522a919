/**
 * `npm run bench`: the workloads of bench/, ours and the peers' side by side. Installs what they need from bench/'s own lock file.
 *
 * Progress is on stderr; the table, or with --json all figures, on stdout.
 */
import { existsSync, symlinkSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { npm, root, run, Stop } from './process.js'
import { ensureBuilt, ensureInstalled } from './setup.js'

const help = `Usage: npm run bench -- [options] [workload ...]

Runs the workloads (all, if none is named), each library in a process of its own, in turns, and prints the
medians: nanoseconds (or bytes) an operation, and in brackets how many times ours.

Options:
  --rounds N         how many rounds, 1 to 99 (default: 3)
  --libraries A,B    which peers, beside our own (default: all)
  --quick            too few of everything for the figures to mean much: to see that it works
  --json             all figures as JSON
  --help             print this help
`

const options = /** @type {const} */ ({
  rounds: { type: 'string', default: '3' },
  libraries: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
})

const bench = join(root, 'bench')

/** Ours is this very checkout: a link, which bench/'s lock file need not know of. */
const linkOurs = () => {
  const link = join(bench, 'node_modules/aio-ts')
  if (!existsSync(link)) symlinkSync(root, link, 'junction')
}

const ensurePeers = async () => {
  if (existsSync(join(bench, 'node_modules/.package-lock.json'))) return linkOurs()
  console.error('Installing what bench/package-lock.json names ...')
  const [command, args] = npm()
  const { code } = await run(command, [...args, 'ci', '--no-audit', '--no-fund'], {
    stdout: 'stderr',
    cwd: bench
  })
  if (code !== 0) throw new Stop(`npm ci in bench/ failed (exit code ${code}): what it said stands above.`)
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

/** @param {number} figure */
const rounded = (figure) => (figure < 100 ? figure.toFixed(1) : Math.round(figure).toLocaleString('en'))

/**
 * @param {ReadonlyArray<import('../bench/results.js').Row>} rows
 * @param {ReadonlyArray<string>} libraries
 * @param {string} ours
 */
const tableOf = (rows, libraries, ours) => {
  const lines = [
    `| workload | ${libraries.join(' | ')} | targets |`,
    `|---|${libraries.map(() => '---').join('|')}|---|`
  ]
  for (const row of rows) {
    const cells = libraries.map((library) => {
      const result = row.results[library]
      if (result === undefined) return row.failures[library] ?? '-'
      const figure = `${rounded(result.figure)} ${row.unit}`
      return library === ours ? figure : `${figure} (${result.ratio.toFixed(1)})`
    })
    const targets = row.targets.map(
      ({ library, atLeast, ratio, isMet }) =>
        `${library} ${Number(atLeast.toFixed(2))}x: ${isMet ? 'met' : `missed, ${ratio.toFixed(2)}x`}`
    )
    lines.push(`| ${row.name} | ${cells.join(' | ')} | ${targets.join('; ')} |`)
  }
  return lines.join('\n')
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
  await ensureInstalled()
  await ensurePeers()
  await ensureBuilt()
  const { librariesOf, measure, stepsOf } = await import('../bench/measure.js')
  const { libraries: known, ours } = await import('../bench/results.js')
  const { workloads } = await import('../bench/workloads.js')
  const asked = values.libraries?.split(',')
  const unknown = asked?.find((library) => !known.includes(library))
  if (unknown !== undefined) throw new Stop(`--libraries: ${unknown} is none of ${known.join(', ')}`, 2)
  const names = workloads.map(({ name }) => name)
  const strange = positionals.find((name) => !names.includes(name))
  if (strange !== undefined)
    throw new Stop(`There is no workload ${strange}; there are ${names.join(', ')}`, 2)
  const chosen =
    positionals.length === 0 ? workloads : workloads.filter(({ name }) => positionals.includes(name))
  const libraries = librariesOf(asked)
  const steps = await stepsOf(chosen, libraries, rounds)
  let step = 0
  const plan = {
    rounds,
    isQuick: values.quick,
    isMixed: false,
    tell: (/** @type {string} */ what) => console.error(`${++step}/${steps} ${what}`)
  }
  const rows = await measure(chosen, libraries, plan)
  const [cpu] = cpus()
  const machine = `Node ${process.version}, ${cpus().length} x ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${rounds} rounds`
  if (values.json) console.log(JSON.stringify({ date: new Date().toISOString(), machine, rows }, null, 2))
  else console.log(`${machine}\n\n${tableOf(rows, libraries, ours)}`)
  return rows.some((row) => row.failures[ours] !== undefined) ? 1 : 0
}
