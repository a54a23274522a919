/** What the benchmarks make of their samples. What they measure is no matter of tests. */
import { describe, expect, it } from 'vitest'
import { figureOf, ratioOf, roundOf, sumOf } from '../../bench/rounds.js'
import { quickestWithin, Yardstick } from '../../bench/yardstick.js'

const sample = (ns: number, isQuiet: boolean) => ({ figures: { '': ns }, isQuiet })

const quiet = (ns: number) => ({ quiet: ns, any: 2 * ns })
const busy = (ns: number) => ({ quiet: null, any: ns })

describe('a round', () => {
  it('is the median of what was quiet, and of all', () => {
    const samples = [
      sample(10, true),
      sample(90, false),
      sample(14, true),
      sample(70, false),
      sample(12, true)
    ]
    expect(roundOf(samples, '')).toEqual({ quiet: 12, any: 14 })
  })

  it('says where nothing was quiet', () => {
    expect(roundOf([sample(3, false), sample(5, false)], '')).toEqual({ quiet: null, any: 4 })
  })
})

describe('a figure', () => {
  it('is the median of the quiet rounds, whatever the others say', () => {
    expect(figureOf([quiet(5), busy(100), quiet(7)])).toBe(6)
  })

  it('is the median of all where none was quiet', () => {
    expect(figureOf([busy(5), busy(100), busy(7)])).toBe(7)
  })
})

describe('a ratio', () => {
  it('compares quiet rounds with quiet ones, whichever they are', () => {
    expect(ratioOf([busy(1000), quiet(40)], [quiet(10), busy(1)])).toBe(4)
  })

  it('compares what stood side by side where one of them was never quiet', () => {
    // Twice, three times and four times: the machine became slower meanwhile.
    expect(ratioOf([busy(20), busy(60), busy(160)], [quiet(5), quiet(10), quiet(20)])).toBe(3)
  })

  it('is none where there is nobody to compare with', () => {
    expect(ratioOf([quiet(1)])).toBeNaN()
  })
})

describe('a sum', () => {
  it('is quiet where all of its parts were', () => {
    expect(
      sumOf([
        [quiet(1), quiet(2)],
        [quiet(10), busy(20)]
      ])
    ).toEqual([
      { quiet: 11, any: 22 },
      { quiet: null, any: 24 }
    ])
  })
})

describe('the yardstick', () => {
  it('takes as long as it ever did, or says that it is not quiet', async () => {
    const quickest = quickestWithin(20)
    expect(quickest).toBeGreaterThan(0)
    expect(new Yardstick(quickest).quickestMs).toBe(quickest)
    // Nothing is as fast as that.
    const never = new Yardstick(quickest / 1e6)
    expect(never.isQuiet()).toBe(false)
    expect(await never.becomesQuiet(1)).toBe(false)
    // The first time is the quickest.
    expect(new Yardstick().isQuiet()).toBe(true)
  })
})
