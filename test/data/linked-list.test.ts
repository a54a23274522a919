/** The linked list against an array. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Linked, LinkedList } from '../../src/data/linked-list.js'

class Entry implements Linked<Entry> {
  previous: Entry | undefined = undefined
  next: Entry | undefined = undefined
}

const forward = (list: LinkedList<Entry>) => {
  const found: Array<Entry> = []
  for (let entry = list.first; entry !== undefined; entry = entry.next) found.push(entry)
  return found
}

const backward = (list: LinkedList<Entry>) => {
  const found: Array<Entry> = []
  for (let entry = list.last; entry !== undefined; entry = entry.previous) found.unshift(entry)
  return found
}

test('entries are linked in order of addition, in both directions, and removed ones have no neighbors', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 60 }), (steps) => {
      const list = new LinkedList<Entry>()
      const expected: Array<Entry> = []
      for (const step of steps) {
        if (step < 0 || expected.length === 0) {
          const entry = new Entry()
          list.add(entry)
          expected.push(entry)
        } else {
          const [entry] = expected.splice(step % expected.length, 1)
          if (entry === undefined) continue
          list.remove(entry)
          expect([entry.previous, entry.next]).toEqual([undefined, undefined])
        }
        expect(forward(list)).toEqual(expected)
        expect(backward(list)).toEqual(expected)
        expect(list.size).toBe(expected.length)
      }
    })
  )
})
