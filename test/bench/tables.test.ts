/** Figures that are computed from several rows of a run. */
import { describe, expect, test } from 'vitest'
import { costsTable, geometricMean, meanSentence } from '../../bench/report/tables.js'

/** A row with Effect's cost by ours. */
const row = (name: string, ratio: number | undefined, unit: 'ns' | 'bytes' = 'ns') =>
  ({
    name,
    unit,
    n: 1,
    failures: {},
    targets: [],
    results: ratio === undefined ? {} : { effect: { figure: ratio, n: 1, ratio } }
  }) as unknown as Parameters<typeof geometricMean>[0][number]

describe('the geometric mean against Effect', () => {
  test('is that of the timed workloads that are repeated', () => {
    expect(geometricMean([row('genLoop', 2), row('queue1', 8)])).toBeCloseTo(4)
    const others = [row('memoryCallback', 100, 'bytes'), row('million', 100), row('bracket', undefined)]
    expect(geometricMean([row('genLoop', 2), row('queue1', 8), ...others])).toBeCloseTo(4)
    expect(geometricMean([row('genLoop', Number.NaN), row('queue1', 8)])).toBeCloseTo(8)
  })

  test('is left out where Effect was not measured', () => {
    expect(geometricMean([row('genLoop', undefined)])).toBeUndefined()
    expect(meanSentence([])).toBe(false)
  })

  test('says whether what is wanted is met', () => {
    expect(meanSentence([row('genLoop', 4.01)])).toContain('4.01x; wanted is 4.00x: met')
    expect(meanSentence([row('genLoop', 3.9)])).toContain('missed')
  })
})

test('costs are whole nanoseconds and bytes', () => {
  expect(
    costsTable([{ name: 'a', ns: 1234.5, bytes: 0.4 }])
      .split('\n')
      .at(-1)
  ).toBe('| a | 1,235 | 0 |')
})
