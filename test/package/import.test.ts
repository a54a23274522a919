/** What happens when a program imports the library, before it does anything. */
import { execFileSync } from 'node:child_process'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from '../../scripts/process.js'
import { ensureBuilt } from '../../scripts/setup.js'

// Each starts a process, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 })

beforeAll(() => ensureBuilt(), 120_000)

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

describe('an import', () => {
  for (const entry of ['aio-ts', 'aio-ts/Task', 'aio-ts/Schedule', 'aio-ts/testing', 'aio-ts/fp-ts'])
    it(`of ${entry} makes Node compute no expensive globals`, () => {
      expect(lookedFor(entry)).toEqual({ during: [], afterwards: ['MessageChannel'] })
    })
})
