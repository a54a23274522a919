/**
 * How long it takes until a library is there: each entry imported in fresh processes, in turn.
 *
 * From a file, as a program does: what Node takes to get ready for modules at all, it has then taken for the file. (For a text handed
 * over with `-e` it does so within the first import, which adds 4 ms to each library.)
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../scripts/process.js'
import { median, rotated } from './statistics.js'

const folder = fileURLToPath(new URL('./.tmp/start', import.meta.url))

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

/** A program that says how long its import took. @param {string} entry */
const programOf = (entry) => {
  const file = join(folder, `${entry.replaceAll('/', '-')}.mjs`)
  writeFileSync(
    file,
    `const begun = performance.now()\nawait import('${entry}')\nconsole.log(performance.now() - begun)\n`
  )
  return file
}

/** @param {string} entry @param {string} program */
const importOnce = async (entry, program) => {
  const { code, stdout, stderr } = await run(process.execPath, [program], {
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
  mkdirSync(folder, { recursive: true })
  const found = entries.map((entry) => ({
    entry,
    program: programOf(entry),
    ms: /** @type {Array<number>} */ ([])
  }))
  for (let round = 0; round < rounds; round++) {
    for (const { entry, program, ms } of rotated(found, round)) {
      tell(`import ${entry}, ${round + 1} of ${rounds}`)
      ms.push(await importOnce(entry, program))
    }
  }
  return found.map(({ entry, ms }) => ({ entry, ms: median(ms) }))
}
