/** The result on a terminal fits the screen. */
import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { runTask } from 'aio-ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Vanished } from '../../../examples/find-duplicates/file-error.js'
import { Output, type OutputError } from '../../../examples/find-duplicates/output.js'
import { type Findings, writeErrors, writeText } from '../../../examples/find-duplicates/report.js'
import { errorsOn, screenOf, writeScreen } from '../../../examples/find-duplicates/screen.js'
import { newFindings } from '../../../examples/find-duplicates/search.js'
import { shortened } from '../../../examples/find-duplicates/wording.js'

/** Findings with a group for each number: so many equal files. The first groups are the largest. */
const found = (groups: ReadonlyArray<number>, errors = 0, name = 'file'): Findings => {
  const findings = newFindings('folder')
  const { catalogue } = findings
  for (const [group, files] of groups.entries()) {
    const digest = createHash('sha256').update(String(group)).digest()
    const size = 1_000_000 - group
    for (let file = 0; file < files; file++)
      findings.groups.add({ entry: catalogue.add(0, Buffer.from(`${name}-${group}-${file}`), size), digest })
  }
  for (let error = 0; error < errors; error++)
    findings.errors.note(catalogue.add(0, Buffer.from(`gone-${error}`), 1), new Vanished())
  return findings
}

const textOf = async (
  write: (output: Output) => import('aio-ts').Task.Task<OutputError, void>
): Promise<string> => {
  let text = ''
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk
      done()
    }
  })
  await runTask(Output.writing(stream, write))
  return text
}

const screen = { rows: 24, columns: 80 }
const onScreen = (findings: Findings, isPartial = false, size = screen): Promise<string> =>
  textOf(writeScreen(size)(findings, isPartial))

/** The lines of a screen that the result, the errors and the summary take. */
const linesOf = async (findings: Findings, isPartial: boolean, size = screen): Promise<number> => {
  const text =
    (await onScreen(findings, isPartial, size)) + (await textOf(writeErrors(findings, errorsOn(size))))
  // The summary, in two lines, and the prompt.
  return text.split('\n').length - 1 + 3
}

describe('a result on a terminal', () => {
  it('is complete where it fits', async () => {
    const findings = found([2, 2, 3])
    expect(await onScreen(findings)).toBe(await textOf(writeText(findings, false)))
  })

  it('is the ten largest groups otherwise, and says how to see the rest', async () => {
    const lines = (await onScreen(found(Array.from({ length: 12 }, () => 3)))).trimEnd().split('\n')
    expect(lines).toHaveLength(21)
    expect(lines.slice(0, 4)).toEqual([
      '1.9 MiB wasted: 3 files of 1,000,000 bytes',
      '  folder/file-0-0 and 2 more',
      '1.9 MiB wasted: 3 files of 999,999 bytes',
      '  folder/file-1-0 and 2 more'
    ])
    expect(lines.at(-1)).toBe('2 more groups: --all prints every group with all of its files.')
  })

  it('says so too where only files are left out', async () => {
    expect(await onScreen(found([3000]))).toBe(
      [
        '2.8 GiB wasted: 3,000 files of 1,000,000 bytes',
        '  folder/file-0-0 and 2,999 more',
        '--all prints every group with all of its files.',
        ''
      ].join('\n')
    )
  })

  it('lists three errors', async () => {
    const errors = await textOf(writeErrors(found([2], 2000), errorsOn(screen)))
    expect(errors.split('\n')).toHaveLength(6)
    expect(errors).toContain('  and 1,997 others\n')
    expect((await textOf(writeErrors(found([2], 20), errorsOn(undefined)))).split('\n')).toHaveLength(22)
  })

  it('fits any screen, whatever was found', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 2, max: 30 }), { maxLength: 30 }),
      fc.integer({ min: 0, max: 20 }),
      fc.boolean(),
      fc.integer({ min: 14, max: 80 }),
      async (groups, errors, isPartial, rows) => {
        expect(await linesOf(found(groups, errors), isPartial, { rows, columns: 80 })).toBeLessThanOrEqual(
          rows
        )
      }
    )
    await fc.assert(property, { numRuns: 300 })
  })

  it('shortens paths to the width of the terminal', async () => {
    const text = await onScreen(found([99], 0, 'long/'.repeat(40)), false, { rows: 24, columns: 40 })
    const [, path = ''] = text.split('\n')
    expect(path).toMatch(/^ {2}….*long\/-0-0 and 98 more$/)
    expect(path.length).toBe(39)
  })
})

describe('a screen', () => {
  it('is there only for a terminal, and has 24 lines of 80 if the terminal does not say', () => {
    expect(screenOf({ isTTY: true, rows: 50, columns: 120 })).toEqual({ rows: 50, columns: 120 })
    expect(screenOf({ isTTY: true, rows: 0, columns: 0 })).toEqual({ rows: 24, columns: 80 })
    expect(screenOf({ isTTY: true })).toEqual({ rows: 24, columns: 80 })
    expect(screenOf({})).toBeUndefined()
    expect(screenOf({ isTTY: false, rows: 24 })).toBeUndefined()
  })
})

describe('a shortened text', () => {
  it('keeps its end, and counts wide characters twice', () => {
    expect(shortened('abcdef', 6)).toBe('abcdef')
    expect(shortened('abcdef', 5)).toBe('…cdef')
    expect(shortened('写真/写真', 8)).toBe('…真/写真')
    expect(shortened('abcdef', 0)).toBe('…')
  })
})
