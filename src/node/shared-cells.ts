/**
 * Waiting for a change of shared memory without blocking: `Atomics.waitAsync`, of which the compiler's
 * library does not know.
 */
import type { Cell } from './messages.js'

interface AsyncWaiter {
  waitAsync(
    array: Int32Array,
    index: number,
    value: number
  ): { readonly async: false } | { readonly async: true; readonly value: Promise<unknown> }
}

/** Holds on every Node that is supported; the library's declarations are of an older edition. */
const asyncWaiter = (): AsyncWaiter => Atomics as unknown as AsyncWaiter

const waiter = asyncWaiter()

/**
 * Calls `changed` once, after the cell was notified, or in a later microtask where it does not hold `seen`
 * even now. Waiting keeps no event loop alive, and cannot be given up: cells that are not used any more have
 * to be notified.
 */
export function onceChanged(cells: Int32Array, cell: Cell, seen: number, changed: () => void): void {
  const waiting = waiter.waitAsync(cells, cell, seen)
  void (waiting.async ? waiting.value : Promise.resolve()).then(changed)
}

/** Writes a cell, and calls those that `onceChanged` has registered. */
export function setCell(cells: Int32Array, cell: Cell, value: number): void {
  Atomics.store(cells, cell, value)
  Atomics.notify(cells, cell)
}
