/** How the page formats values, the query in its address, and the effect of keys on the tree. */
import { describe, expect, test } from 'vitest'
import { duration, oneLine, rate, whole } from '../../../src/inspect/page/format.js'
import { moveOf } from '../../../src/inspect/page/tree-keys.js'
import { mostTurned, queryOf, toggleRow, windowAround } from '../../../src/inspect/page/view.js'
import { row } from '../../inspect-page/fake-program.js'

describe('the formats of the page', () => {
  test.each([
    [-5, '0 ms'],
    [999.4, '999 ms'],
    [1000, '1.0 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min 00 s'],
    [125_900, '2 min 05 s'],
    [3_780_000, '1 h 03 min'],
    [187_200_000, '2 d 4 h']
  ])('format %d milliseconds as %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })

  test.each([
    [0, '0'],
    [0.42, '0.4'],
    [3, '3'],
    [9.96, '10'],
    [12_345.6, '12,346'],
    [2_340_000, '2.3 M']
  ])('format a rate of %d as %s', (n, words) => {
    expect(rate(n)).toBe(words)
  })

  test('show a name on one line of bounded length, without control of direction', () => {
    expect(oneLine('a\nb\u202ec\u0007\td')).toBe('a⏎b\ufffdc\ufffd d')
    expect(oneLine('x'.repeat(500))).toBe(`${'x'.repeat(200)}…`)
    expect(whole('x'.repeat(5000))).toMatch(/^x{2000}… \(5,000 characters\)$/)
    expect(whole('a\nb\u2067c')).toBe('a\nb\ufffdc')
  })
})

describe('the query of the page', () => {
  test('is in the address, without default values', () => {
    const view = { from: 3, rows: 60, turned: [], search: '', states: [], failuresAfter: 1, livesAfter: 2 }
    expect(queryOf(view)).toBe('from=3&rows=60&failuresAfter=1&livesAfter=2')
    const full = queryOf({ ...view, turned: ['g1', 'f2'], search: 'a&b=c', states: ['ready', 'waiting'] })
    expect(Object.fromEntries(new URLSearchParams(full))).toMatchObject({
      ...{ turned: 'g1,f2', search: 'a&b=c', states: 'ready,waiting' }
    })
  })

  test('restores a row that is toggled twice; of too many the oldest is dropped', () => {
    expect(toggleRow(toggleRow([], 'a'), 'a')).toEqual([])
    const many = Array.from({ length: mostTurned }, (_, n) => `f${n}`)
    expect(toggleRow(many, 'next')).toEqual([...many.slice(1), 'next'])
  })

  test('requests rows around the visible ones, never more than 120', () => {
    expect(windowAround(0, 20)).toEqual({ from: 0, rows: 40 })
    expect(windowAround(500, 20)).toEqual({ from: 480, rows: 60 })
    expect(windowAround(500, 100)).toEqual({ from: 490, rows: 120 })
    expect(windowAround(500, 200).rows).toBe(120)
  })
})

describe('keys of the tree', () => {
  const shut = row('f1', { above: 2, canOpen: true })
  const open = row('f1', { above: 2, canOpen: true, isOpen: true })
  const leaf = row('f1', { above: 2 })
  test.each([
    ['ArrowDown', leaf, 9, 9],
    ['ArrowUp', leaf, 0, 0],
    ['PageDown', leaf, 4, 9],
    ['PageUp', leaf, 4, 0],
    ['End', leaf, 4, 9],
    ['Home', leaf, 4, 0],
    ['ArrowRight', shut, 4, 'toggle'],
    ['ArrowRight', open, 4, 5],
    ['ArrowRight', leaf, 4, undefined],
    ['ArrowLeft', open, 4, 'toggle'],
    ['ArrowLeft', shut, 4, 2],
    ['ArrowLeft', row('f1'), 4, undefined],
    ['Enter', shut, 4, 'toggle'],
    ['Enter', leaf, 4, undefined],
    // Nothing is known yet of where one stands.
    ['ArrowLeft', undefined, 4, undefined],
    ['ArrowDown', undefined, undefined, 0],
    ['End', undefined, undefined, 9]
  ] as const)('%s', (key, at, index, move) => {
    expect(moveOf(key, index, at, 10, 7)).toBe(move)
  })
})
