/** How long it takes until a library is there: each entry imported in fresh processes, in turn. */
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../scripts/process.js'
import { median, rotated } from './statistics.js'

const here = fileURLToPath(new URL('.', import.meta.url))

export const entries = [
  'aio-ts',
  'aio-ts/Task',
  'aio-ts/Schedule',
  'aio-ts/fp-ts',
  'aio-ts/io-ts',
  'aio-ts/testing',
  'aio-ts/node',
  'aio-ts/executor',
  'aio-ts/bullmq',
  'aio-ts/otel',
  'aio-ts/inspect',
  'effect/Effect',
  'effect',
  'fp-ts/lib/TaskEither.js',
  'effection',
  'fluture'
]

/** @param {string} entry */
const importOnce = async (entry) => {
  const text = `const begun = performance.now()
await import('${entry}')
console.log(performance.now() - begun)`
  const { code, stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', text], {
    cwd: here,
    stdout: 'pipe',
    timeoutMs: 60_000
  })
  if (code !== 0) throw new Stop(`${entry} could not be imported:\n${stderr}`)
  return Number(stdout)
}

/**
 * @param {number} rounds
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<import('./results.js').Start>>}
 */
export const measureStart = async (rounds, tell) => {
  /** @type {Map<string, Array<number>>} */
  const times = new Map(entries.map((entry) => [entry, []]))
  for (let round = 0; round < rounds; round++) {
    for (const entry of rotated(entries, round)) {
      tell(`import ${entry}, ${round + 1} of ${rounds}`)
      times.get(entry)?.push(await importOnce(entry))
    }
  }
  return [...times].map(([entry, ms]) => ({ entry, ms: median(ms) }))
}
