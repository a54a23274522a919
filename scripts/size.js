/**
 * `npm run size`: how large a bundle becomes, minified and gzipped, with each bundler; fails where one is over its budget, or holds
 * what it does not use.
 *
 * The fixtures and their budgets are in bench/size/fixtures.js.
 */
import { join } from 'node:path'
import { ensurePeers } from './bench.js'
import { root, run, Stop } from './process.js'
import { wireit } from './wireit.js'

const help = `Usage: npm run size -- [--peers] [--json]

  --peers   the peers' bundles, too
  --json    all figures as JSON
`

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  const strange = args.find((arg) => !['--peers', '--json', '--help'].includes(arg))
  if (strange !== undefined) throw new Stop(`There is no option ${strange}.\n\n${help}`, 2)
  if (args.includes('--help')) {
    console.log(help)
    return 0
  }
  await ensurePeers()
  await wireit('build:dist')
  const script = join(root, 'bench/size/measure.js')
  const options = args.includes('--peers') ? ['--peers'] : []
  const { code, stdout, stderr } = await run(process.execPath, [script, ...options], { stdout: 'pipe' })
  if (code !== 0) throw new Stop(`The fixtures could not be bundled:\n${stderr}`)
  /** @type {ReadonlyArray<import('../bench/results.js').Size & { readonly faults: ReadonlyArray<string> }>} */
  const sizes = JSON.parse(stdout)
  if (args.includes('--json')) console.log(stdout.trim())
  else
    for (const { fixture, bundler, minified, gzipped, budget } of sizes)
      console.log(
        `${fixture.padEnd(24)}${bundler.padEnd(9)}${String(minified).padStart(7)}${String(gzipped).padStart(8)} gzipped${
          budget === undefined ? '' : ` of ${budget}`
        }`
      )
  const faults = sizes.flatMap((size) => size.faults)
  for (const fault of faults) console.error(fault)
  return faults.length === 0 ? 0 : 1
}
