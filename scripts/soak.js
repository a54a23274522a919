/**
 * `npm run soak`: the looped operations, each so many times with a flat heap, and the model test on fresh seeds; as long as one likes.
 *
 * Compiles test/soak and runs it on the built package, in a process of its own: what is measured there is what users get.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, run, Stop } from './process.js'
import { wireit } from './wireit.js'

const help = `Usage: npm run soak -- [options]

Runs every looped operation, and fails where the heap grows with it; then the model test on one seed after the
other, and stops at the first that breaks an invariant, with the line that runs it again. Ctrl-C stops it after
the seed that is under way. Figures are on stdout, progress is on stderr.

Options:
  --minutes N      how long the model test goes on (default: 1)
  --seeds N        how many seeds it takes, in place of a time
  --seed S         the first of them (default: by the time of day)
  --iterations N   how often each looped operation runs (default: 1000000)
  --only PART      'model' or 'loops'
  --help           print this help
`

const options = /** @type {const} */ ({
  minutes: { type: 'string' },
  seeds: { type: 'string' },
  seed: { type: 'string' },
  iterations: { type: 'string', default: '1000000' },
  only: { type: 'string' },
  help: { type: 'boolean', default: false }
})

/** @param {ReadonlyArray<string>} args */
const choicesOf = (args) => {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new Stop(`${error instanceof Error ? error.message : error}\n\n${help}`, 2)
  }
}

/**
 * @param {string} name
 * @param {string | undefined} text
 * @param {{ readonly least: number, readonly isWhole: boolean }} bounds
 */
const numberOf = (name, text, { least, isWhole }) => {
  if (text === undefined) return undefined
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!(value >= least) || value > Number.MAX_SAFE_INTEGER || (isWhole && !Number.isInteger(value))) {
    throw new Stop(
      `--${name}: expected ${isWhole ? 'a whole number' : 'a number'} from ${least} on, got ${text}\n\n${help}`,
      2
    )
  }
  return value
}

/** Seeds are those of fast-check, which has 32 bits. */
const seedOfNow = () => Date.now() % 2_000_000_000

/** @param {ReadonlyArray<string>} args */
export const main = async (args) => {
  const choices = choicesOf(args)
  if (choices.help) {
    console.log(help)
    return 0
  }
  const { only } = choices
  if (only !== undefined && only !== 'model' && only !== 'loops') {
    throw new Stop(`--only: expected 'model' or 'loops', got ${only}\n\n${help}`, 2)
  }
  const orders = {
    only,
    seed: numberOf('seed', choices.seed, { least: 0, isWhole: true }) ?? seedOfNow(),
    seeds: numberOf('seeds', choices.seeds, { least: 1, isWhole: true }),
    minutes: numberOf('minutes', choices.minutes, { least: 0, isWhole: false }) ?? 1,
    iterations: numberOf('iterations', choices.iterations, { least: 8, isWhole: true })
  }
  await wireit('build:soak')
  const { code } = await run(process.execPath, [
    '--expose-gc',
    '--enable-source-maps',
    join(root, '.tmp/soak/soak/main.js'),
    JSON.stringify(orders)
  ])
  return code
}
