/** Paths, sizes, and what is said about progress. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSize } from '../../../examples/find-duplicates/options.js'
import { barText, progressText } from '../../../examples/find-duplicates/progress.js'
import { newTally } from '../../../examples/find-duplicates/tally.js'
import { count, pathAsLine, pathAsText, sizeInWords } from '../../../examples/find-duplicates/wording.js'
import { bytesOf } from './support.js'

const bytes = fc.uint8Array({ min: 1, maxLength: 12 }).map((array) => Buffer.from(array))

describe('a path as text', () => {
  it('keeps every byte, UTF-8 or not', () => {
    fc.assert(
      fc.property(bytes, (path) => {
        expect(bytesOf(JSON.parse(JSON.stringify(pathAsText(path))))).toEqual(path)
      })
    )
  })

  it('is unchanged if it is UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (path) => {
        expect(pathAsText(Buffer.from(path))).toBe(path)
      })
    )
  })
})

describe('a path as a line', () => {
  it('is its own bytes without control characters', () => {
    for (const path of [Buffer.from('a b/ü $x "y" \'z\' \\'), Buffer.from([0x61, 0xff, 0xfe])]) {
      expect(pathAsLine(path)).toEqual(path)
    }
  })

  it('is quoted for the shell with control characters', () => {
    for (const path of [
      Buffer.from('new\nline'),
      Buffer.from('\x1b[31m\ttab\x7f'),
      Buffer.from("it's \\ and \n"),
      Buffer.from([0x0a, 0xff, 0x27]),
      Buffer.from("$'x'"),
      Buffer.from('\x01f')
    ]) {
      const line = pathAsLine(path)
      expect(line.some((byte) => byte < 0x20 || byte === 0x7f)).toBe(false)
      const script = Buffer.concat([Buffer.from('printf %s '), line])
      expect(execFileSync('bash', { input: script })).toEqual(path)
    }
  })
})

describe('sizes and numbers', () => {
  it('are short and have their unit', () => {
    expect([0, 1, 2, 1023, 1024, 1536, 2 ** 20, 50 * 2 ** 30, 2 ** 43].map(sizeInWords)).toEqual([
      '0 bytes',
      '1 byte',
      '2 bytes',
      '1023 bytes',
      '1.0 KiB',
      '1.5 KiB',
      '1.0 MiB',
      '50.0 GiB',
      '8.0 TiB'
    ])
    expect([count(0, 'file'), count(1, 'file'), count(12_345, 'file')]).toEqual([
      '0 files',
      '1 file',
      '12,345 files'
    ])
  })

  it('are parsed with and without a unit', () => {
    const texts = ['0', '500', '10k', '10K', '10KiB', '10kb', '1.5M', '2G', '1T', '0.1k', '3 M']
    expect(texts.map(parseSize)).toEqual([
      0,
      500,
      10_240,
      10_240,
      10_240,
      10_240,
      1_572_864,
      2 ** 31,
      2 ** 40,
      103,
      3 * 2 ** 20
    ])
    for (const text of [
      '',
      'k',
      '-1',
      '1e3',
      '10x',
      '0x10',
      '1,5k',
      'NaN',
      'Infinity',
      '9e99',
      '9999999999999999'
    ]) {
      expect(() => parseSize(text)).toThrow(/A size is a number|No file is that large/)
    }
  })
})

describe('progress', () => {
  it('has no bar while the total is unknown', () => {
    const tally = { ...newTally(), files: 1234, folders: 56, settled: 2048, expected: 4096 }
    expect(barText(tally)).toBe('1,234 files in 56 folders found, 2.0 KiB compared')
  })

  it('shows the share that is compared once the walk has ended', () => {
    const tally = { ...newTally(), walked: true, settled: 1024, expected: 4096 }
    expect(progressText(tally)).toBe('25% of 4.0 KiB compared')
    expect(barText(tally)).toBe(`${'█'.repeat(6)}${'░'.repeat(18)} 25% of 4.0 KiB compared`)
  })

  it('is complete without files to read', () => {
    expect(progressText({ ...newTally(), walked: true })).toBe('100% of 0 bytes compared')
  })

  it('is never wider than the terminal', () => {
    const tally = { ...newTally(), files: 1234567, folders: 56, settled: 2048, expected: 4096 }
    for (const columns of [10, 20, 40, 80]) expect(barText(tally, columns).length).toBeLessThan(columns)
  })
})
