/** The heap of timers against a sorted list. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type HeapEntry, TimerHeap } from '../../../src/runtime/host/timer-heap.js'

const steps = fc.array(
  fc.oneof(
    fc.record({ add: fc.nat(20) }),
    fc.record({ remove: fc.nat(100) }),
    fc.record({ keepOdd: fc.constant(true) })
  ),
  { maxLength: 60 }
)

test('the first entry is the earliest, whatever was added and removed before', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new TimerHeap<HeapEntry>()
      let expected: Array<HeapEntry> = []
      let order = 0
      for (const step of all) {
        if ('add' in step) {
          const entry = { at: step.add, order: order++, heapPlace: -1 }
          heap.add(entry)
          expected.push(entry)
        } else if ('remove' in step) {
          const [entry] = expected.splice(step.remove % Math.max(1, expected.length), 1)
          if (entry === undefined) continue
          heap.remove(entry)
          expect(entry.heapPlace).toBe(-1)
        } else {
          const isOdd = ({ order }: HeapEntry) => order % 2 === 1
          heap.keep(isOdd)
          for (const entry of expected) if (!isOdd(entry)) expect(entry.heapPlace).toBe(-1)
          expected = expected.filter(isOdd)
        }
        const [earliest] = [...expected].sort((one, other) => one.at - other.at || one.order - other.order)
        expect(heap.first).toBe(earliest)
        expect(heap.size).toBe(expected.length)
      }
      for (let size = expected.length; size > 0; size--) {
        const first = heap.first
        if (first === undefined) throw new Error('an entry is lost')
        expect([...expected].sort((one, other) => one.at - other.at || one.order - other.order)[0]).toBe(
          first
        )
        heap.remove(first)
        expected = expected.filter((entry) => entry !== first)
      }
      expect(heap.first).toBeUndefined()
    })
  )
})
