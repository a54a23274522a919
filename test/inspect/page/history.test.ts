/** What the page keeps of the answers, and the lane of each fiber span on the timeline. */
import { describe, expect, test } from 'vitest'
import {
  keepHistory,
  keepTree,
  marksOf,
  markWords,
  type PageHistory,
  spanOf
} from '../../../src/inspect/page/history.js'
import type { Failure, Life } from '../../../src/inspect/protocol.js'
import { state } from '../../inspect-page/fake-program.js'

const at = 1_000_000

const life = (number: number, from: number, to: number | undefined): Life => ({
  number,
  fiber: number,
  name: undefined,
  from,
  to,
  outcome: to === undefined ? undefined : 'succeeded'
})

const failure = (number: number): Failure => ({
  ...{ number, at, fiber: number, name: undefined },
  ...{ outcome: 'failed', text: '' }
})

const told = (
  now: number,
  given: {
    readonly ended?: ReadonlyArray<Life>
    readonly living?: ReadonlyArray<Life>
    readonly failures?: ReadonlyArray<Failure>
  }
) =>
  state({
    at: now,
    failures: given.failures ?? [],
    lives: { ended: given.ended ?? [], living: given.living ?? [], left: 0, livingLeft: 0 }
  })

const numbers = (parts: ReadonlyArray<{ readonly number: number }>) => parts.map(({ number }) => number)

describe('the history of the page', () => {
  test('keeps fiber spans for a minute, the oldest first', () => {
    const one = keepHistory(
      undefined,
      told(at, { ended: [life(1, at - 90_000, at - 50_000), life(2, at - 9, at)] })
    )
    expect(numbers(one.ended)).toEqual([1, 2])
    const two = keepHistory(one, told(at + 20_000, { ended: [life(3, at, at + 20_000)] }))
    expect(numbers(two.ended)).toEqual([2, 3])
    expect(two.livesAfter).toBe(3)
  })

  test('keeps failures, the newest first and 200 of them; the list is the same object without news', () => {
    const first = keepHistory(undefined, told(at, { failures: [1, 2, 3].map(failure) }))
    expect(numbers(first.failures)).toEqual([3, 2, 1])
    const again = keepHistory(first, told(at, {}))
    expect(again.failures).toBe(first.failures)
    expect(again.failuresAfter).toBe(3)
    const many = keepHistory(
      again,
      told(at, { failures: Array.from({ length: 300 }, (_, n) => failure(n + 4)) })
    )
    expect(many.failures).toHaveLength(200)
    expect(many.failures[0]?.number).toBe(303)
  })

  test('keeps a repeated entry once', () => {
    const answer = told(at, { ended: [life(1, at - 9, at)], failures: [failure(1)] })
    const twice = keepHistory(keepHistory(undefined, answer), answer)
    expect(numbers(twice.ended)).toEqual([1])
    expect(numbers(twice.failures)).toEqual([1])
  })

  test('keeps nothing of another program', () => {
    const one = keepHistory(undefined, told(at, { ended: [life(7, at - 9, at)], failures: [failure(7)] }))
    const next = told(at, {})
    const other = keepHistory(one, { ...next, program: { ...next.program, pid: 1 } })
    expect(other).toMatchObject({ ended: [], failures: [], failuresAfter: 0, livesAfter: 0 })
  })

  test('does not grow during a day', () => {
    let kept: PageHistory | undefined
    let number = 0
    for (let second = 0; second < 86_400; second += 40) {
      const now = at + second * 1000
      const ended = Array.from({ length: 200 }, () => life(++number, now - 500, now))
      kept = keepHistory(kept, told(now, { ended, failures: [failure(second + 1)] }))
    }
    expect(kept?.ended.length).toBeLessThanOrEqual(400)
    expect(kept?.failures).toHaveLength(200)
    expect(kept?.lanes.size).toBeLessThanOrEqual(400)
  })

  test('counts fiber spans that are too many to draw', () => {
    const ended = Array.from({ length: 9000 }, (_, n) => life(n + 1, at - 1000, at))
    expect(keepHistory(undefined, told(at, { ended }))).toMatchObject({ left: 1000, livesAfter: 9000 })
  })

  test('takes only the tree while it is paused', () => {
    const one = keepHistory(undefined, told(at, { failures: [failure(1)] }))
    const news = { ...told(at + 1, { failures: [failure(2)] }), tree: { total: 7, from: 0, rows: [] } }
    const both = keepTree(one, news)
    expect(both.state).toMatchObject({ at, tree: { total: 7 } })
    expect(both.failuresAfter).toBe(1)
  })
})

describe('the lanes of the timeline', () => {
  const linesOf = (kept: PageHistory) => [...kept.ended, ...kept.living].map((one) => kept.lanes.of(one))

  test('are different for concurrent fibers; a free lane is used again', () => {
    const kept = keepHistory(
      undefined,
      told(at, {
        ended: [life(1, at - 900, at - 500), life(2, at - 800, at - 100), life(3, at - 500, at - 50)],
        living: [life(4, at - 90, undefined)]
      })
    )
    expect(linesOf(kept)).toEqual([0, 1, 0, 1])
    expect(kept.lanes.size).toBe(2)
  })

  test('are stable while other fibers start and end', () => {
    const one = keepHistory(
      undefined,
      told(at, { living: [1, 2, 3].map((n) => life(n, at - 10 + n, undefined)) })
    )
    const two = keepHistory(
      one,
      told(at + 100, {
        ended: [life(1, at - 9, at + 50)],
        living: [2, 3, 4].map((n) => life(n, at + n * 20, undefined))
      })
    )
    expect([2, 3].map((n) => two.lanes.of(life(n, 0, 0)))).toEqual([1, 2])
    // The fourth began after the first had ended.
    expect(two.lanes.of(life(4, 0, 0))).toBe(0)
  })

  test('are not freed by a fiber that ended before the present one of the lane', () => {
    const first = life(1, at - 900, at - 500)
    const one = keepHistory(undefined, told(at, { ended: [first], living: [life(2, at - 400, undefined)] }))
    const two = keepHistory(
      one,
      told(at + 500, { living: [life(2, at - 400, undefined), life(3, at + 100, undefined)] })
    )
    expect(linesOf(two)).toEqual([0, 0, 1])
  })
})

test('show less than a minute for a program that has just started', () => {
  const after = (ms: number) => {
    const young = state({ at })
    return spanOf({ ...young, program: { ...young.program, startedAt: at - ms } })
  }
  expect([1, 10_000, 10_001, 25_000, 31_000, 1e9].map(after)).toEqual([
    10_000, 10_000, 20_000, 30_000, 60_000, 60_000
  ])
  expect(marksOf(10_000).map(markWords)).toEqual(['−10 s', '−7.5 s', '−5 s', '−2.5 s', 'now'])
})
