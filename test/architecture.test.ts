/**
 * The rules of the sources: layers, cycles, lengths, access to time, what the core imports from outside, and where tests are.
 *
 * Each rule is first shown a source that breaks it, so that a rule that finds nothing cannot pass.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  anyFaults,
  cycleFaults,
  danglingFaults,
  foreignFaults,
  keeperFaults,
  lateBindingFaults,
  layerFaults,
  lengthFaults,
  mirrorFaults,
  openingFaults,
  otherTestFolders,
  pageFaults,
  readSources,
  type Sources
} from './support/architecture.js'

const sources = readSources(fileURLToPath(new URL('../src', import.meta.url)))

const sample = (files: Record<string, string>): Sources => new Map(Object.entries(files))

test('the sources are read', () => {
  expect([...sources.keys()]).toEqual(
    expect.arrayContaining(['index.ts', 'Task.ts', 'Schedule.ts', 'data/host.ts'])
  )
})

describe('imports point downward', () => {
  test.each([
    ['upward', { 'data/a.ts': `import { b } from '../task/b.js'`, 'task/b.ts': '' }],
    ['upward, of a type', { 'data/a.ts': `import type { B } from '../task/b.js'`, 'task/b.ts': '' }],
    [
      'upward, of a type in place',
      { 'data/a.ts': `export type A = import('../task/b.js').B`, 'task/b.ts': '' }
    ],
    ['upward, when run', { 'data/a.ts': `await import('../task/b.js')`, 'task/b.ts': '' }],
    ['upward, to export it', { 'task/a.ts': `export * from '../Task.js'`, 'Task.ts': '' }],
    ['to a room of the same row', { 'fp-ts/a.ts': `import { b } from '../io-ts/b.js'`, 'io-ts/b.ts': '' }],
    ['from an undeclared folder', { 'attic/a.ts': '' }]
  ])('an import %s is a fault', (_, files) => {
    expect(layerFaults(sample(files))).toHaveLength(1)
  })

  test('an import downward, within a folder, or between public modules is none', () => {
    const files = {
      'data/a.ts': '',
      'task/b.ts': `import { a } from '../data/a.js'\nimport { c } from './c.js'`,
      'task/c.ts': '',
      'Task.ts': `export * from './task/b.js'`,
      'index.ts': `export * as Task from './Task.js'`
    }
    expect(layerFaults(sample(files))).toEqual([])
  })

  test('in src', () => {
    expect(layerFaults(sources)).toEqual([])
  })

  test('an import of a missing file is a fault, and src has none', () => {
    expect(danglingFaults(sample({ 'data/a.ts': `import { b } from './b.js'` }))).toHaveLength(1)
    expect(danglingFaults(sources)).toEqual([])
  })
})

describe('no file imports itself indirectly', () => {
  test('a cycle is a fault of each of its files, also a cycle of types', () => {
    const files = {
      'data/a.ts': `import type { B } from './b.js'`,
      'data/b.ts': `export { C } from './c.js'`,
      'data/c.ts': `import { a } from './a.js'`,
      'data/d.ts': `import { a } from './a.js'`
    }
    expect(cycleFaults(sample(files))).toEqual([
      expect.stringContaining('data/a.ts -> data/b.ts -> data/c.ts -> data/a.ts'),
      expect.stringContaining('data/b.ts: '),
      expect.stringContaining('data/c.ts: ')
    ])
  })

  test('in src', () => {
    expect(cycleFaults(sources)).toEqual([])
  })
})

describe('files stay short', () => {
  test('the 451st line is a fault, the 450th is none', () => {
    expect(lengthFaults(sample({ 'data/a.ts': 'a\n'.repeat(451) }))).toHaveLength(1)
    expect(lengthFaults(sample({ 'data/a.ts': 'a\n'.repeat(450) }))).toEqual([])
  })

  test('in src', () => {
    expect(lengthFaults(sources)).toEqual([])
  })
})

describe('a file starts with a comment on its purpose', () => {
  test('code before the comment is a fault', () => {
    expect(openingFaults(sample({ 'data/a.ts': 'export {}\n/** Late. */' }))).toHaveLength(1)
  })

  test('in src', () => {
    expect(openingFaults(sources)).toEqual([])
  })
})

describe('late binding has one mechanism', () => {
  test.each([
    ['an exported variable that changes', { 'runtime/a.ts': 'export let hooks: undefined' }],
    ['a method that is added to a class', { 'runtime/a.ts': 'Node.prototype.next = () => 1' }],
    [
      'a property that is added to a class',
      { 'runtime/a.ts': "Object.defineProperty(Node.prototype, 'a', {})" }
    ]
  ])('%s is a fault', (_, files) => {
    expect(lateBindingFaults(sample(files))).toHaveLength(1)
  })

  test('a holder, and the mechanism itself, are none', () => {
    const files = {
      'runtime/a.ts': 'export const hooks: LateBound<Hooks> = { bound: undefined }\nlet inside = 0',
      'data/late-bound.ts': 'Object.defineProperties(base.prototype, all)'
    }
    expect(lateBindingFaults(sample(files))).toEqual([])
  })

  test('in src', () => {
    expect(lateBindingFaults(sources)).toEqual([])
  })
})

describe('only the clock reads the time, and only the scheduler schedules', () => {
  test.each([
    ['a timer', { 'runtime/run-loop.ts': 'setTimeout(() => {}, 1)' }],
    ['a timer of the host', { 'runtime/scheduler.ts': 'host.setTimeout(() => {}, 1)' }],
    ['a timer in brackets', { 'node/main.ts': `globalThis['setInterval'](() => {}, 1)` }],
    ['a microtask', { 'runtime/host/clock.ts': 'queueMicrotask(() => {})' }],
    ['a turn of the event loop', { 'node/main.ts': `import { setImmediate } from 'node:timers'` }]
  ])('%s in another file is a fault', (_, files) => {
    expect(keeperFaults(sample(files))).toHaveLength(1)
  })

  test('comments may mention them, and their owners use them', () => {
    const files = {
      'task/time.ts': '/** Not setTimeout. */',
      'runtime/host/clock.ts': 'host.setTimeout(() => {}, 1)',
      'runtime/scheduler.ts': 'host.queueMicrotask(() => {})',
      'data/host.ts': 'interface Host { setTimeout: unknown; queueMicrotask: unknown }'
    }
    expect(keeperFaults(sample(files))).toEqual([])
  })

  test('in src', () => {
    expect(keeperFaults(sources)).toEqual([])
  })
})

describe('the core imports only the types of fp-ts from outside', () => {
  test.each([
    ['a value of fp-ts', { 'task/a.ts': `import { left } from 'fp-ts/lib/Either.js'` }],
    ['a value exported on', { 'Task.ts': `export * from 'fp-ts/lib/Either.js'` }],
    ['a value beside types', { 'task/a.ts': `import { type Either, left } from 'fp-ts/lib/Either.js'` }],
    ['pipe in the core', { 'task/a.ts': `import { pipe } from 'fp-ts/lib/function.js'` }],
    ['pipe in the testing kit', { 'testing/a.ts': `import { pipe } from 'fp-ts/lib/function.js'` }],
    ['more of fp-ts than pipe in an adapter', { 'node/a.ts': `import { left } from 'fp-ts/lib/Either.js'` }],
    ['pipe in the page', { 'inspect/page/a.ts': `import { pipe } from 'fp-ts/lib/function.js'` }],
    ['a path that Node does not resolve', { 'fp-ts/a.ts': `import type { Either } from 'fp-ts/Either'` }],
    ['Node', { 'runtime/a.ts': `import process from 'node:process'` }],
    ['another package', { 'node/a.ts': `import progress from 'cli-progress'` }],
    ['a test runner outside its room', { 'testing/a.ts': `import { test } from 'vitest'` }],
    ['io-ts outside its room', { 'fp-ts/a.ts': `import type * as t from 'io-ts'` }],
    ['io-ts itself where its types would do', { 'executor/a.ts': `import * as t from 'io-ts'` }],
    ['a static import of an optional peer', { 'node/a.ts': `import { Piscina } from 'piscina'` }],
    ['a peer of another folder', { 'node/a.ts': `await import('bullmq')` }],
    ['an SDK where the API would do', { 'otel/a.ts': `import '@opentelemetry/sdk-trace-base'` }],
    ['OpenTelemetry outside its room', { 'node/a.ts': `import { trace } from '@opentelemetry/api'` }],
    ['a computed specifier', { 'bullmq/a.ts': `await import(name)` }]
  ])('%s is a fault', (_, files) => {
    expect(foreignFaults(sample(files))).toHaveLength(1)
  })

  test('each outer folder may import the packages that it is named for', () => {
    const files = {
      'task/a.ts': `import type { Either } from 'fp-ts/lib/Either.js'`,
      'fp-ts/a.ts': `import { right } from 'fp-ts/lib/Either.js'`,
      'io-ts/a.ts': `import type * as t from 'io-ts'`,
      'vitest/a.ts': `import { test } from 'vitest'`,
      'executor/a.ts': `import type * as t from 'io-ts'`,
      'otel/a.ts': `import { trace } from '@opentelemetry/api'\nimport { AsyncLocalStorage } from 'node:async_hooks'`,
      'node/a.ts': `import process from 'node:process'\nimport type { Piscina } from 'piscina'\nawait import('piscina')`,
      'node/thread.ts': `await import(module)`,
      'bullmq/a.ts': `await import('bullmq')\nawait import('ioredis')`
    }
    expect(foreignFaults(sample(files))).toEqual([])
  })

  test('the adapters may take pipe of fp-ts', () => {
    const adapters = ['executor', 'node', 'bullmq', 'otel', 'inspect']
    const files = adapters.map((room) => [`${room}/a.ts`, `import { pipe } from 'fp-ts/lib/function.js'`])
    expect(foreignFaults(sample(Object.fromEntries(files)))).toEqual([])
  })

  test('in src', () => {
    expect(foreignFaults(sources)).toEqual([])
  })
})

describe("the inspector's page is a program of its own", () => {
  test.each([
    ['a value of the library', { 'inspect/page/a.ts': `import { b } from '../../data/b.js'` }],
    ['a type of the library', { 'inspect/page/a.ts': `import type { B } from '../../data/b.js'` }],
    ['a value of the protocol', { 'inspect/page/a.tsx': `import { b } from '../protocol.js'` }],
    ['the page, by the server', { 'inspect/server/server.ts': `import type { B } from '../page/b.js'` }]
  ])('%s between the page and the library is a fault', (_, files) => {
    expect(pageFaults(sample(files))).toHaveLength(1)
  })

  test('it may use the types of the protocol, its own files, its rendering library, and the time of its browser', () => {
    const files = {
      'inspect/protocol.ts': '',
      'inspect/page/a.tsx': `import type { State } from '../protocol.js'\nimport { b } from './b.js'\nimport { render } from 'preact'`,
      'inspect/page/b.ts': 'setTimeout(() => {}, 1)'
    }
    for (const faults of [pageFaults, foreignFaults, keeperFaults, danglingFaults])
      expect(faults(sample(files))).toEqual([])
  })

  test('in src', () => {
    expect(pageFaults(sources)).toEqual([])
  })

  test('it never parses text as elements', () => {
    const makers = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function/i
    const found = [...sources].filter(([path, text]) => path.startsWith('inspect/page/') && makers.test(text))
    expect(found.map(([path]) => path)).toEqual([])
  })
})

describe('no signature exposes any', () => {
  test.each([
    ['a parameter', 'export const a = (b: any): number => 1'],
    ['a result', 'export function a(): any {}'],
    ['a type argument', 'export const a: ReadonlyArray<any> = []'],
    ['a type', 'export type A = { readonly b: any }'],
    ['a member of an interface', 'export interface A { b(): any }'],
    ['a member of a class', 'export class A { b(c: any): void {} }'],
    ['a default of a type parameter', 'export type A<B = any> = B']
  ])('%s of type any is a fault', (_, text) => {
    expect(anyFaults(sample({ 'data/a.ts': text }), new Set())).toHaveLength(1)
  })

  test.each([
    ['the bound of a type parameter', 'export const a = <A extends ReadonlyArray<any>>(b: A): A => b'],
    ['the pattern of a conditional type', 'export type A<B> = B extends Promise<any> ? 1 : 2'],
    ['a body', 'export const a = (b: unknown): number => (b as any).c'],
    ['a private member', 'export class A { private b: any }'],
    ['what is not exported', 'const a: any = 1']
  ])('%s may be any', (_, text) => {
    expect(anyFaults(sample({ 'data/a.ts': text }), new Set())).toEqual([])
  })

  test('in src, except for the values that a generator receives', () => {
    // `yield*` gives what the task succeeds with, a type of its own each time: a generator's third parameter cannot say so.
    const allowed = new Set(['core/node.ts#Task.[Symbol.iterator]', 'task/gen.ts#gen', 'task/fn.ts#fn'])
    expect(anyFaults(sources, allowed)).toEqual([])
  })
})

describe('tests mirror src', () => {
  const files = sample({ 'data/a.ts': '', 'data/b/c.ts': '' })
  const faultsOf = (paths: ReadonlyArray<string>, subjects: ReadonlyArray<string> = []) =>
    mirrorFaults(
      sample(Object.fromEntries(paths.map((path) => [path, '']))),
      files,
      new Set(['laws']),
      new Set(subjects)
    )

  test.each([
    ['a folder that src has not', 'attic/a.test.ts'],
    ['a folder within one that src has', 'data/attic/a.test.ts'],
    ['a helper in a folder that src has not', 'attic/helper.ts'],
    ['a name of no file there', 'data/d.test.ts'],
    ['a name that goes on without a hyphen', 'data/ab.test.ts'],
    ['a name of a file in another folder', 'data/c.test.ts']
  ])('%s is a fault', (_, path) => {
    expect(faultsOf([path])).toHaveLength(1)
  })

  test('a subject without its test is a fault', () => {
    expect(faultsOf([], ['data/d.test.ts'])).toHaveLength(1)
  })

  test('the name of a file or a folder, a part of either, a subject, a helper and another kind of test are none', () => {
    const paths = ['data/a.test.ts', 'data/a-late.test.ts', 'data/b-whole.test.ts', 'data/b/c.test.ts']
    const others = ['data/d.test.ts', 'data/support.ts', 'data/fixtures/e.ts', 'laws/f.test.ts', 'g.test.ts']
    expect(faultsOf([...paths, ...others], ['data/d.test.ts'])).toEqual([])
  })

  test('CONTRIBUTING.md says of each other folder what is in it', () => {
    const text = readFileSync(new URL('../CONTRIBUTING.md', import.meta.url), 'utf8')
    expect([...otherTestFolders].filter((folder) => !text.includes(`\`test/${folder}\``))).toEqual([])
  })

  test('in test', () => {
    const tests = readSources(fileURLToPath(new URL('.', import.meta.url)))
    expect(mirrorFaults(tests, sources)).toEqual([])
  })
})
