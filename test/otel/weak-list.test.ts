/** Measured objects are not kept alive by the measurement. */
import { describe, expect, test } from 'vitest'
import { WeakList } from '../../src/otel/weak-list.js'
import { collect } from '../support/gc.js'

interface Item {
  readonly n: number
  isOver: boolean
}
const makeList = () => new WeakList<Item>(({ isOver }) => isOver)
const macrotask = () => new Promise((resolve) => setImmediate(resolve))

describe('a weak list', () => {
  test('has the added entries, in order, until they are removed', () => {
    const list = makeList()
    const items = [1, 2, 3].map((n): Item => ({ n, isOver: false }))
    for (const item of items) list.add(item)
    expect(list.list()).toEqual(items)
    items[1]!.isOver = true
    expect(list.list().map(({ n }) => n)).toEqual([1, 3])
  })

  test('keeps no entry alive', async () => {
    const list = makeList()
    const kept: Item = { n: 0, isOver: false }
    list.add(kept)
    for (let n = 1; n < 50; n++) list.add({ n, isOver: false })
    // A WeakRef keeps what it is made of until the end of the turn.
    await macrotask()
    collect()
    expect(list.list()).toEqual([kept])
    expect(list.places).toBe(1)
  })

  test('has capacity for the present entries, and not for former ones', () => {
    const list = makeList()
    const kept = Array.from({ length: 100 }, (_, n): Item => ({ n, isOver: false }))
    for (const item of kept) list.add(item)
    for (let n = 0; n < 10_000; n++) list.add({ n, isOver: true })
    expect(list.places).toBeLessThanOrEqual(201)
    expect(list.list()).toEqual(kept)
  })
})
