/** What happens when a program imports the library, before it does anything. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from '../../scripts/process.js'
import { wireit } from '../../scripts/wireit.js'

// Each starts a process, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 })

beforeAll(() => wireit('build:dist', { isQuiet: true }), 120_000)

/** Which globals are looked at while `entry` is imported, of those that Node finds only then; and whether that would be seen. */
const lookedFor = (entry: string): unknown => {
  const program = `
    const looked = []
    for (const [name, { get, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
      // It is there already, and asked whether the environment wants traces.
      if (name === 'process' || get === undefined || !configurable) continue
      Object.defineProperty(globalThis, name, { configurable, get: () => (looked.push(name), get.call(globalThis)) })
    }
    await import('${entry}')
    const during = [...looked]
    void globalThis.MessageChannel
    console.log(JSON.stringify({ during, afterwards: looked.slice(during.length) }))`
  return JSON.parse(
    String(execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root }))
  )
}

/** The files of `dist` that are loaded with that one, and the packages. */
const loadedWith = (path: string, seen: Set<string> = new Set()): Set<string> => {
  if (seen.has(path)) return seen
  seen.add(path)
  const text = readFileSync(join(root, 'dist', path), 'utf8')
  for (const [, specifier = ''] of text.matchAll(
    /^(?:import|export)\b[^;]*?\bfrom '([^']+)';?$|^import '([^']+)';?$/gm
  )) {
    if (specifier.startsWith('.')) loadedWith(join(dirname(path), specifier), seen)
    else if (specifier !== '') seen.add(specifier)
  }
  return seen
}

describe('an import', () => {
  for (const entry of ['index.js', 'Task.js', 'Schedule.js', 'testing/index.js'])
    it(`of ${entry} loads neither the executors nor a package`, () => {
      const loaded = [...loadedWith(entry)]
      expect(loaded).toContain('data.js')
      expect(
        loaded.filter((name) => !name.endsWith('.js') || name.startsWith('fp-ts') || name === 'jobs.js')
      ).toEqual([])
    })

  it('of an executor loads them, so that this is seen', () => {
    expect([...loadedWith('executor/index.js')]).toEqual(
      expect.arrayContaining(['jobs.js', 'fp-ts/lib/function.js'])
    )
  })

  for (const entry of ['aio-ts', 'aio-ts/Task', 'aio-ts/Schedule', 'aio-ts/testing', 'aio-ts/fp-ts'])
    it(`of ${entry} makes Node compute no expensive globals`, () => {
      expect(lookedFor(entry)).toEqual({ during: [], afterwards: ['MessageChannel'] })
    })
})
