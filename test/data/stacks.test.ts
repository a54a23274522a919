/** Which line of a stack is the user's. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { cleaned, userLine } from '../../src/data/stacks.js'

const src = fileURLToPath(new URL('../../src/', import.meta.url))

const lineOf = (...lines: ReadonlyArray<string>): string | undefined =>
  userLine(['Error', ...lines].join('\n'), 'runFiber')

const own = `    at leaf (${src}core/node.ts:1:1)`
const loop = `    at runFiber (${src}runtime/run-loop.ts:1:1)`
const pipe = '    at pipe (file:///app/node_modules/fp-ts/lib/function.js:1:1)'
const other = '    at make (file:///app/node_modules/other/index.js:1:1)'
const user = '    at load (file:///app/users.js:12:10)'

describe("the user's line of a stack", () => {
  it('is the first that belongs neither to the library, nor to the host, nor to a package', () => {
    expect(lineOf(own, user, '    at main (file:///app/main.js:1:1)')).toBe(
      'load (file:///app/users.js:12:10)'
    )
    expect(lineOf(own, '    at Array.map (<anonymous>)', '    at file:///app/users.js:12:10')).toBe(
      'file:///app/users.js:12:10'
    )
    expect(lineOf(own, pipe, other, user)).toBe('load (file:///app/users.js:12:10)')
  })

  it('is that of a package if there is no other, but never one of fp-ts', () => {
    expect(lineOf(own, pipe, other, loop)).toBe('make (file:///app/node_modules/other/index.js:1:1)')
    expect(lineOf(own, pipe, loop)).toBeUndefined()
  })

  it('is none below the run loop', () => {
    expect(lineOf(own, loop, user)).toBeUndefined()
  })

  it('is found in the formats of Firefox and Safari', () => {
    expect(lineOf(`leaf@${src}core/node.ts:1:1`, 'load@https://app.example/users.js:12:10')).toBe(
      'load@https://app.example/users.js:12:10'
    )
    expect(
      lineOf(`leaf@${src}core/node.ts:1:1`, `runFiber@${src}runtime/run-loop.ts:1:1`, 'f@x.js:1:1')
    ).toBeUndefined()
  })
})

describe('a cleaned stack', () => {
  it.each([
    ['Node', '    at AsyncResource.runInAsyncScope (node:async_hooks:206:9)'],
    ['Bun', '    at runInAsyncScope (node:async_hooks:207:23)'],
    ['Deno', '    at AsyncResource.runInAsyncScope (ext:deno_node/async_hooks.ts:1:949)']
  ])('has no line of how %s enters an async context', (_, line) => {
    const stack = ['Error: no', user, loop, line, own].join('\n')
    expect(cleaned(stack, 'no')).toBe(['Error: no', user].join('\n'))
  })
})
