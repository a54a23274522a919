/** The record of failing runs names every source that a test names, and only tests that exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = import.meta.dirname
const rows = readFileSync(join(folder, 'README.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('#'))

test('every source named by a test of this folder has a line', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.test.ts') && file !== 'readme.test.ts')
  const named = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/[\w./-]+#\d+/g) ?? [])
  expect(new Set(named).size).toBeGreaterThan(40)
  const told = rows.join('\n')
  expect(named.filter((source) => !told.includes(source))).toEqual([])
})

test('every line names a test file that exists', () => {
  const files = rows.map((row) => row.split(' | ')[2]?.match(/`(.+?)`/)?.[1] ?? row)
  expect(files.length).toBeGreaterThan(40)
  expect(files.filter((file) => !existsSync(join(folder, '..', file)))).toEqual([])
})
