/** Errors with getters that throw, and very large errors: formatting them neither throws nor takes long. */
import { Cause } from 'aio-ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { failureDetails } from '../../src/data/describe.js'
import { mostCharacters } from '../../src/data/read-error.js'
import { hostileErrors, many } from '../support/hostile-errors.js'

afterEach(() => vi.restoreAllMocks())

describe('Cause.pretty of an error', () => {
  it.each(hostileErrors)('%s never throws', (_, make) => {
    for (const cause of [
      Cause.fail(make()),
      Cause.die(make()),
      Cause.die(new Error('outer', { cause: make() }))
    ])
      expect(Cause.pretty(cause)).toMatch(/^(failed|died of a defect): ./)
  })

  it('whose stack cannot be read shows its name and its message', () => {
    const error = Object.defineProperty(new TypeError('no such user'), 'stack', {
      get: () => {
        throw new Error('no stack')
      }
    })
    expect(Cause.pretty(Cause.fail(error))).toBe('failed: TypeError: no such user')
  })

  it('whose message cannot be read says so, and shows its stack', () => {
    const error = new Error('first')
    // V8 writes the text of a stack, with the message, when it is first read.
    expect(error.stack).toContain('first')
    Object.defineProperty(error, 'message', {
      get: () => {
        throw new Error('no message')
      }
    })
    const text = Cause.pretty(Cause.fail(error))
    expect(text).toContain('failed: Error: (the message cannot be read)')
    expect(text).toContain('cause-pretty-hostile.test.ts')
  })

  it.each([
    ['stack', (text: string) => Object.assign(new Error('large'), { stack: text })],
    ['message', (text: string) => new Error(text)],
    ['text', (text: string) => text],
    ['field', (text: string) => ({ text })]
  ])('of a very large %s shows its beginning, and how much is omitted', (_, make) => {
    const clean = vi.spyOn(failureDetails.bound!, 'cleaned')
    const text = Cause.pretty(Cause.fail(make('line\n'.repeat(many / 5))))
    expect(text.length).toBeLessThan(4 * mostCharacters)
    expect(text).toMatch(/\.\.\. \(\d{7} characters more\)/)
    // It is cut off before it is cleaned.
    for (const [stack, message] of clean.mock.calls) {
      expect(stack.length).toBeLessThanOrEqual(mostCharacters)
      expect(message.length).toBeLessThanOrEqual(mostCharacters)
    }
  })
})
