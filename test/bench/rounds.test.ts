/** How the benchmarks summarise their samples. */
import { describe, expect, it } from 'vitest'
import { baselineOf, figureOf, ratioOf, roundOf, sumOf } from '../../bench/rounds.js'
import { readingsWithin, readYardstick } from '../../bench/yardstick.js'

const whole = (ns: number) => ({ figures: { '': ns } })
const sample = (ns: number, yardstickMs: number) => ({ ...whole(ns), yardstickMs })

const quiet = (ns: number) => ({ quiet: ns, busy: null, any: ns })
const busy = (ns: number) => ({ quiet: null, busy: ns, any: ns })
const both = (quietNs: number, busyNs: number) => ({ quiet: quietNs, busy: busyNs, any: 1e9 })

describe('a round', () => {
  it('has the mean of its quiet samples, and of the others', () => {
    const samples = [
      sample(10, 1),
      sample(90, 1.3),
      sample(14, 1.2),
      sample(70, 2),
      sample(15, 0.9),
      sample(80, 2)
    ]
    expect(roundOf(samples, '', 1)).toMatchObject({ quiet: 13, busy: 80 })
  })

  it('ignores what happened only once or twice', () => {
    const samples = [sample(10, 1), sample(12, 1), sample(80, 2), sample(90, 2), sample(100, 2)]
    expect(roundOf(samples, '', 1)).toEqual({ quiet: null, busy: 90, any: 58.4 })
  })

  it('uses the samples that there are if there are no more', () => {
    expect(roundOf([sample(10, 1)], '', 1)).toMatchObject({ quiet: 10 })
  })

  it('is the median of all samples without a measure of quiet', () => {
    expect(roundOf([whole(3), whole(5), whole(100)], '')).toEqual({
      quiet: null,
      busy: null,
      any: 5
    })
  })
})

describe('the baseline', () => {
  it('is nearly the minimum, and not the minimum itself', () => {
    expect(baselineOf([0.1, ...Array.from({ length: 99 }, (_, index) => 1 + index)])).toBe(2)
    expect(baselineOf([7])).toBe(7)
  })
})

describe('a figure', () => {
  it('is the median of the quiet rounds, whatever the others are', () => {
    expect(figureOf([quiet(5), busy(100), both(7, 90)])).toBe(6)
  })

  it('is the median of all rounds if none was quiet', () => {
    expect(figureOf([busy(5), busy(100), busy(7)])).toBe(7)
  })
})

describe('a ratio', () => {
  it('compares quiet rounds with quiet rounds, whichever they are', () => {
    expect(ratioOf([busy(1000), quiet(40)], [both(10, 1), busy(1)])).toBe(4)
  })

  it('compares busy rounds with busy rounds if one side was never quiet', () => {
    expect(ratioOf([busy(60), busy(80)], [both(10, 20), quiet(1)])).toBe(3.5)
  })

  it('compares adjacent rounds if no others are comparable', () => {
    // Twice, three times and four times: the machine became slower meanwhile.
    expect(ratioOf([busy(20), busy(60), busy(160)], [quiet(10), quiet(20), quiet(40)])).toBe(3)
  })

  it('is missing without a round to compare with', () => {
    expect(ratioOf([quiet(1)])).toBeNaN()
  })
})

describe('a sum', () => {
  it('is taken round by round', () => {
    const rounds = (...figures: Array<number>) => figures.map((any) => ({ quiet: null, busy: null, any }))
    expect(sumOf([rounds(1, 2), rounds(10, 20)])).toEqual(rounds(11, 22))
  })
})

describe('the yardstick', () => {
  it('takes measurable time', () => {
    expect(readYardstick()).toBeGreaterThan(0)
    expect(readingsWithin(0)).toHaveLength(1)
    expect(readingsWithin(5).length).toBeGreaterThanOrEqual(1)
  })
})
