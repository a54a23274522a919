/** Texts from outside, in messages for people. */
import { describe, expect, it } from 'vitest'
import { quote, quoteName } from '../../src/data/quote.js'

describe('quote', () => {
  it.each([
    ['plain', '"plain"'],
    ['"quoted"\n', '"\\"quoted\\"\\n"'],
    ['\u001b[31mred', '"\\u001b[31mred"'],
    ['\u009b31mred\u007f', '"\\u009b31mred\\u007f"'],
    ['a\u202etxt.exe', '"a\\u202etxt.exe"'],
    ['\ud800', '"\\ud800"'],
    ['Grüße, 世界 🎉', '"Grüße, 世界 🎉"']
  ])('formats %j', (text, words) => {
    expect(quote(text)).toBe(words)
  })

  it('truncates a long text, and shows its length', () => {
    expect(quote('x'.repeat(5_000_000))).toBe(`"${'x'.repeat(100)}"... (5000000 characters)`)
    expect(quote('x'.repeat(100))).toBe(`"${'x'.repeat(100)}"`)
  })
})

it('does not quote a name that is a word', () => {
  expect(['half', 'send-mail', '5', ''].map(quoteName)).toEqual(['half', '"send-mail"', '"5"', '""'])
})
