/**
 * The sources and the titles of tests use the terms of CONTRIBUTING.md: no retired word, and one meaning for each top-level name.
 *
 * As in architecture.test.ts, each rule is first shown a source that breaks it.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readSources, type Sources } from './support/architecture.js'
import {
  duplicateFaults,
  phraseFaults,
  retiredFaults,
  retiredInTitles,
  titleFaults,
  titlesOf
} from './support/language.js'

const sources = readSources(fileURLToPath(new URL('../src', import.meta.url)))
const tests = readSources(fileURLToPath(new URL('.', import.meta.url)))
const sample = (files: Record<string, string>): Sources => new Map(Object.entries(files))

describe('retired identifiers', () => {
  test.each([
    ['a name', 'const teller = 1'],
    ['a use', 'f(handOut(fiber))'],
    ['a type', 'let a: Course'],
    ['a property', 'a.trouble']
  ])('%s is a fault', (_, text) => {
    expect(retiredFaults(sample({ 'data/a.ts': text }))).toHaveLength(1)
  })

  test('in a comment or a string are allowed', () => {
    expect(retiredFaults(sample({ 'data/a.ts': `// teller\nf('teller')` }))).toEqual([])
  })

  test('in src', () => {
    expect(retiredFaults(sources)).toEqual([])
  })
})

describe('top-level names', () => {
  test('declared by two files are a fault, exported or not', () => {
    const files = { 'data/a.ts': 'const a = 1', 'data/b.ts': 'export function a() {}', 'data/c.ts': 'f(a)' }
    expect(duplicateFaults(sample(files))).toEqual(['a is declared by data/a.ts and data/b.ts'])
  })

  test('may be overloads of one file, or constructors that Task, Exit and Cause share', () => {
    const files = {
      'data/a.ts': 'function a(): void\nfunction a(b?: 1): void {}\nexport const fail = 1',
      'data/b.ts': 'export const fail = 2'
    }
    expect(duplicateFaults(sample(files))).toEqual([])
  })

  test('in src', () => {
    expect(duplicateFaults(sources)).toEqual([])
  })
})

describe('phrases of comments', () => {
  test.each([
    '// A listener is told of each end.',
    '/** Whoever waits goes on. */',
    ' /**\n  * Hooks hear of fibers: this tells of it.\n  */'
  ])('%s is a fault', (text) => {
    expect(phraseFaults(sample({ 'data/a.ts': text })).length).toBeGreaterThan(0)
  })

  test('in src', () => {
    expect(phraseFaults(sources)).toEqual([])
  })
})

/** A retired title for each rule, in the order of the rules. */
const retiredTitles = [
  'who waits is woken',
  'is told of the end',
  'stands in the cause',
  'the others go on',
  'gives way to the others',
  'is carried by the interruption',
  'ends in the same turn',
  'a circle of joins',
  'is refused with words',
  'leaves its place',
  'waits for ever',
  'ends at the time-out',
  'what is no Task',
  'the line before a semaphore'
]

describe('titles of tests', () => {
  test.each([
    ['describe', (title: string) => `describe('${title}', () => {})`],
    ['test', (title: string) => `test('${title}', async () => {})`],
    ['a table', (title: string) => `it.each([1, 2])('${title} %s', (n) => f(n))`],
    ['an option', (title: string) => `test.skipIf(isOld)('${title}', () => {})`],
    ['a template', (title: string) => `inEveryMode(\`\${name}: ${title}\`, () => task)`]
  ])('a retired phrase in %s is a fault', (_, source) => {
    for (const [index, title] of retiredTitles.entries()) {
      expect(titleFaults(sample({ 'a.test.ts': source(title) }))).toEqual([
        `a.test.ts:1: ${retiredInTitles[index]} in '${titlesOf('a.test.ts', source(title))[0]?.[1]}'`
      ])
    }
  })

  test('each rule has its retired title', () => {
    expect(retiredTitles).toHaveLength(retiredInTitles.length)
  })

  test('a comment, another call and a longer word are allowed', () => {
    const text = `// test('who waits')\nf('who waits')\ntest('whose turn of the event loop stands still', () => {})`
    expect(titleFaults(sample({ 'a.test.ts': text }))).toEqual([])
  })

  test('are found in the tests', () => {
    expect([...tests].flatMap(([path, text]) => titlesOf(path, text)).length).toBeGreaterThan(2000)
  })

  test('in the tests', () => {
    expect(titleFaults(tests)).toEqual([])
  })
})
