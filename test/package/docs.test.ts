/**
 * The TypeScript in the README, the pages of docs/ and the docstrings is compiled against the built package, run, and has the results
 * that it shows. The checker itself is first shown blocks that are wrong.
 */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type Block, blocksOfMarkdown, blocksOfSource, findBlocks } from '../../scripts/docs/blocks.js'
import { checkBlocks, type Verdict } from '../../scripts/docs/check.js'
import { agrees, instrument } from '../../scripts/docs/instrument.js'
import { root } from '../../scripts/process.js'
import { wireit } from '../../scripts/wireit.js'

// A compiler runs, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 })

const page = (...lines: ReadonlyArray<string>) => blocksOfMarkdown(lines.join('\n'), 'page.md')

describe('blocks are found', () => {
  test('in Markdown, with the position of their first line, but no other language', () => {
    const blocks = page('# Title', '```ts', 'a', 'b', '```', '```text', 'c', '```', '```sh', 'd', '```')
    expect(blocks).toEqual([
      { file: 'page.md', line: 3, code: ['a', 'b'], origins: [3, 4], isRun: true, exitCode: 0 }
    ])
  })

  test('in a list, without its indentation', () => {
    expect(page('- one', '', '  ```ts', '  a', '    b', '  ```')[0]?.code).toEqual(['a', '  b'])
  })

  test('in docstrings, and nowhere else in a source', () => {
    const text = [
      'const a = 1',
      '/**',
      ' * Words.',
      ' *',
      ' * ```ts',
      ' * b',
      ' * ```',
      ' */',
      '// ```ts'
    ].join('\n')
    const [first, ...others] = blocksOfSource(text, 'a.ts')
    expect(first).toMatchObject({ file: 'a.ts', line: 6, code: ['b'], origins: [6] })
    expect(others).toEqual([])
  })

  test('that continue another with the text of both', () => {
    const [, second] = page('```ts', 'a', '```', '```ts continues', 'b', '```')
    expect(second).toMatchObject({ code: ['a', 'b'], origins: [2, 5] })
  })

  test('and an unknown word of the checker is refused at its position', () => {
    expect(() => page('text', '```ts norun', 'a', '```')).toThrow(`page.md:2: a block of ts knows no 'norun'`)
  })
})

describe('a comment agrees with the output', () => {
  test.each([
    ['{ a: 1 }', '{ a: 1 }'],
    ['{ a: 1, b: 2 }', '{\n  a: 1,\n  b: 2\n}'],
    ['Error: no ... line 3', 'Error: no\n    at line 3'],
    ['...', 'anything']
  ])('%s', (said, shown) => {
    expect(agrees(said, shown)).toBe(true)
  })

  test.each([
    ['1', '12'],
    ['a.c', 'abc'],
    ['{ a: 1 }', '{ a: 2 }'],
    ['', 'something']
  ])('but %s does not for another value', (said, shown) => {
    expect(agrees(said, shown)).toBe(false)
  })

  test('or is refused if it belongs to no statement', () => {
    expect(() => instrument(['// => 1'], '')).toThrow('line 1')
  })
})

describe('a block that is', () => {
  const samples = {
    right: page(
      '```ts',
      'const one: number = 1 // => 1',
      `for (const text of ['a', 'b']) {`,
      '  console.log(text)',
      '  // => a',
      '  // => b',
      '}',
      `const later = await Promise.resolve({ _tag: 'Right', right: one })`,
      `later // => { _tag: 'Right', right: 1 }`,
      '```'
    ),
    'right about what is printed meanwhile': page(
      '```ts',
      `const say = async (text: string) => console.log('saying', text)`,
      `await say('a') // => saying a`,
      `await say('b')`,
      `console.log(await say('c')) // => saying c`,
      '// => undefined',
      `await [1].map(() => { say('d') })[0] // => saying d`,
      `setTimeout(() => console.log('later'), 1) // => later`,
      '```'
    ),
    'right, with its exit code': page('```ts exit=3', 'process.exit(3)', '```'),
    'not to be run': page('```ts no-run', 'declare const one: number', 'export const two = one + one', '```'),
    'of a wrong type': page('```ts', `const one: number = 'one'`, 'console.log(one)', '```'),
    'of a wrong type in what it continues': page(
      '```ts',
      'const one = 1',
      '```',
      '```ts continues',
      'one.two',
      '```'
    ).slice(1),
    'showing something else': page('```ts', 'console.log(1 + 1) // => 3', '```'),
    'giving something else': page('```ts', 'const two = 1 + 1 // => 3', 'export { two }', '```'),
    'printing more than it says': page(
      '```ts',
      `const say = () => console.log('a')`,
      'say()',
      `console.log(say()) // => undefined`,
      '```'
    ),
    'printing at another place': page(
      '```ts',
      'const one = 1 // => one',
      `console.log('one')`,
      'export { one }',
      '```'
    ),
    'showing more than it says': page(
      '```ts',
      'for (const one of [1, 2]) {',
      '  console.log(one) // => 1',
      '}',
      '```'
    ),
    'never there': page('```ts', 'if (Date.now() < 0) {', '  console.log(1) // => 1', '}', '```'),
    throwing: page('```ts', `throw new Error('no')`, '```'),
    'ending with another exit code': page('```ts', 'process.exit(3)', '```')
  }
  const faults = new Map<Block, ReadonlyArray<string>>()

  beforeAll(async () => {
    const verdicts = await checkBlocks(Object.values(samples).flat())
    for (const { block, faults: found } of verdicts) faults.set(block, found)
  }, 120_000)

  const faultsOf = ([block]: ReadonlyArray<Block>) => (block === undefined ? ['no block'] : faults.get(block))

  test.each([
    'right',
    'right about what is printed meanwhile',
    'right, with its exit code',
    'not to be run'
  ] as const)('%s has no fault', (name) => {
    expect(faultsOf(samples[name])).toEqual([])
  })

  test.each([
    ['of a wrong type', 'page.md:2:7 error TS2322'],
    ['of a wrong type in what it continues', 'page.md:5:5 error TS2339'],
    ['showing something else', 'page.md:2: says 3\n  but shows 2'],
    ['giving something else', 'page.md:2: says 3\n  but shows 2'],
    ['printing more than it says', 'page.md:4: says undefined\n  but shows a\nundefined'],
    ['printing at another place', 'page.md:2: says one\n  but shows 1'],
    ['showing more than it says', 'page.md:3: says 1\n  but shows 1\n2'],
    ['never there', 'page.md:3: was never reached'],
    ['throwing', 'page.md:2: ended with exit code 1, not 0'],
    ['ending with another exit code', 'page.md:2: ended with exit code 3, not 0']
  ] as const)('%s is reported at its position', (name, words) => {
    expect(faultsOf(samples[name])?.[0]).toContain(words)
  })

  test('no TypeScript at all is reported at its position', async () => {
    const [verdict] = await checkBlocks(page('```ts no-run', 'const =', '```'))
    expect(verdict?.faults[0]).toContain('page.md:2:7 error TS1134')
  })
})

describe('every block of the project holds', () => {
  const blocks = findBlocks(root)
  let verdicts: ReadonlyArray<Verdict> = []

  beforeAll(async () => {
    await wireit('build:dist', { isQuiet: true })
    verdicts = await checkBlocks(blocks)
  }, 300_000)

  test('there are blocks in the README, on the pages of docs and in the docstrings', () => {
    for (const place of [/^README\.md$/, /^docs\//, /^src\//]) {
      expect(blocks.filter(({ file }) => place.test(file))).not.toEqual([])
    }
  })

  test.each(blocks.map(({ file, line }, index) => [`${file}:${line}`, index] as const))('%s', (_, index) => {
    expect(verdicts[index]?.faults).toEqual([])
  })
})
