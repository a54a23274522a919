/** An indexed pool against an array: the same numbers for the same members after any additions and removals. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { IndexedPool, type Pooled } from '../../../src/testing/run/indexed-pool.js'

interface Member extends Pooled {
  readonly name: number
}

const member = (name: number): Member => ({ name, place: -1 })

/** What to do: add one, or take out the one at that fraction of them. */
const moves = fc.array(fc.oneof(fc.constant('add' as const), fc.double({ min: 0, max: 1, noNaN: true })), {
  maxLength: 400
})

it('an indexed pool numbers its members in order of arrival', () => {
  fc.assert(
    fc.property(moves, (list) => {
      const pool = new IndexedPool<Member>()
      const expected: Array<Member> = []
      let made = 0
      for (const move of list) {
        if (move === 'add') {
          const one = member(made++)
          pool.add(one)
          expected.push(one)
        } else {
          const [gone] = expected.splice(Math.floor(move * expected.length), 1)
          if (gone === undefined) continue
          pool.remove(gone)
          expect(gone.place).toBe(-1)
        }
        expect(pool.size).toBe(expected.length)
        expect([...pool]).toEqual(expected)
        expected.forEach((one, number) => {
          expect(pool.at(number)).toBe(one)
          expect(pool.numberOf(one)).toBe(number)
        })
      }
    }),
    { numRuns: 30, seed: 1 }
  )
})

it('an indexed pool has no member beyond its last', () => {
  const pool = new IndexedPool<Member>()
  expect(() => pool.at(0)).toThrow('there is no number 0 among 0')
  pool.add(member(1))
  expect(() => pool.at(1)).toThrow('there is no number 1 among 1')
  expect(() => pool.at(-1)).toThrow(RangeError)
})

// Quadratic it would take minutes, and the test its limit.
it('an indexed pool removes any of 100,000 members at little cost, first, last or in between', {
  timeout: 120_000
}, () => {
  for (const pick of [0, 0.5, 1]) {
    const pool = new IndexedPool<Member>()
    for (let name = 0; name < 100_000; name++) pool.add(member(name))
    while (pool.size > 0) pool.remove(pool.at(Math.floor(pick * (pool.size - 1))))
  }
})
