/** What the type checker has to do for a program of 1,000 lines: its instantiations, which are always the same, and its time. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run, Stop } from '../../scripts/process.js'
import { median } from '../statistics.js'
import { dialectNames, programOf } from './programs.js'

const bench = fileURLToPath(new URL('..', import.meta.url))
const folder = join(bench, '.tmp/types')

/** By what a person calls them. */
const compilers = {
  'TypeScript 5.9': 'node_modules/typescript/lib/tsc.js',
  'TypeScript 7': 'node_modules/typescript-7/bin/tsc'
}

const compilerOptions = {
  noEmit: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['es2023', 'esnext.disposable', 'dom'],
  types: []
}

/**
 * @param {string} text what --extendedDiagnostics prints
 * @param {string} name
 */
const numberIn = (text, name) => {
  const found = text.match(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm'))?.[1]
  return found === undefined ? Number.NaN : Number(found)
}

/**
 * @param {string} compiler
 * @param {string} library
 */
const check = async (compiler, library) => {
  const args = [join(bench, compiler), '-p', `tsconfig.${library}.json`, '--extendedDiagnostics']
  const { code, stdout } = await run(process.execPath, args, {
    cwd: folder,
    stdout: 'pipe',
    timeoutMs: 120_000
  })
  if (code !== 0) throw new Stop(`The program of ${library} does not compile:\n${stdout.slice(0, 2000)}`)
  return { instantiations: numberIn(stdout, 'Instantiations'), seconds: numberIn(stdout, 'Check time') }
}

/** More instantiations of ours than this fail: what it needs, and a little. */
export const budget = 14_200

/** How many programs are checked in a round. */
export const checks = Object.keys(compilers).length * dialectNames.length

/**
 * @param {number} rounds
 * @param {(what: string) => void} tell
 * @returns {Promise<ReadonlyArray<import('../results.js').Types>>}
 */
export const measureTypes = async (rounds, tell) => {
  mkdirSync(folder, { recursive: true })
  for (const library of dialectNames) {
    const file = `${library}.ts`
    writeFileSync(join(folder, file), programOf(library, 1000))
    writeFileSync(
      join(folder, `tsconfig.${library}.json`),
      JSON.stringify({ compilerOptions, files: [file] })
    )
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  /** @type {Map<string, { readonly library: string, readonly compiler: string, readonly found: Array<Awaited<ReturnType<typeof check>>> }>} */
  const rows = new Map()
  for (let round = 0; round < rounds; round++) {
    for (const [compiler, path] of Object.entries(compilers)) {
      for (const library of dialectNames) {
        tell(`check 1,000 lines of ${library} with ${compiler}, ${round + 1} of ${rounds}`)
        const key = `${compiler} ${library}`
        const row = rows.get(key) ?? { library, compiler, found: [] }
        row.found.push(await check(path, library))
        rows.set(key, row)
      }
    }
  }
  return [...rows.values()].map(({ library, compiler, found }) => ({
    library,
    compiler,
    instantiations: median(found.map(({ instantiations }) => instantiations)),
    checkSeconds: median(found.map(({ seconds }) => seconds))
  }))
}
