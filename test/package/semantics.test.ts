/** The numbers in titles of tests are those of the statements in docs/semantics.md, and each statement has a test. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../scripts/process.js'

/** The numbers in the list of statements. */
const statementsOf = (page: string): ReadonlyArray<number> =>
  Array.from(page.matchAll(/^- \*\*(\d+)\*\* /gm), ([, number]) => Number(number))

/** The numbers at the ends of titles. */
const numbersOf = (source: string): ReadonlyArray<number> =>
  Array.from(source.matchAll(/^.* \(((?:\d+, )*\d+)\)['"`](?:,|\)|\s*$)/gm)).flatMap(([, numbers = '']) =>
    numbers.split(', ').map(Number)
  )

/** What a list of statements and the titles of tests must not have. */
const faults = (statements: ReadonlyArray<number>, titles: ReadonlyMap<string, ReadonlyArray<number>>) => {
  const named = new Set([...titles.values()].flat())
  return [
    ...statements
      .filter((number, at) => at > 0 && number <= (statements[at - 1] ?? 0))
      .map((n) => `${n} is out of order`),
    ...statements
      .filter((number) => !named.has(number))
      .map((number) => `no test has ${number} in its title`),
    ...Array.from(titles).flatMap(([file, numbers]) =>
      numbers
        .filter((number) => !statements.includes(number))
        .map((number) => `${file}: there is no statement ${number}`)
    )
  ]
}

describe('numbers of statements', () => {
  test('are found in the list and in titles', () => {
    expect(statementsOf('text\n- **1** One.\n- **12** Twelve (3).\n- other')).toEqual([1, 12])
    expect(
      numbersOf("  it('does it (1, 12)', () => {\ndescribe(`all (3)`, f)\n    'continued (4)',\n  f(x, 5)")
    ).toEqual([1, 12, 3, 4])
  })

  test('without a title, in titles without a statement, and out of order are faults', () => {
    expect(faults([1, 2], new Map([['a.ts', [1, 3]]]))).toEqual([
      'no test has 2 in its title',
      'a.ts: there is no statement 3'
    ])
    expect(faults([2, 1], new Map([['a.ts', [1, 2]]]))).toEqual(['1 is out of order'])
  })

  test('in the tests are those of docs/semantics.md', () => {
    const page = readFileSync(join(root, 'docs/semantics.md'), 'utf8')
    const tests = ['test', 'type-tests']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
          join(folder, file)
        )
      )
      .filter((file) => file.endsWith('.ts') && !file.endsWith('semantics.test.ts'))
    const titles = new Map(tests.map((file) => [file, numbersOf(readFileSync(join(root, file), 'utf8'))]))
    expect(faults(statementsOf(page), titles)).toEqual([])
  })
})
