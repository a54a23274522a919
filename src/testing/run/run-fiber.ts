/** The record that a run keeps of each of its fibers, which have numbers that are the same in each run. */

import type { Fiber } from '../../core/fiber.js'
import type { FiberId } from '../../data/reasons.js'
import type { Pooled } from './indexed-pool.js'

/** A fiber of the run. */
export interface RunFiber extends Pooled {
  readonly fiber: Fiber<unknown, unknown>
  /** 1 for the main fiber, then in the order of creation: the same in each run, unlike a fiber's id. */
  readonly number: number
  /** Runs one turn of the fiber. Invariant: set exactly while the fiber is ready. */
  run: (() => void) | undefined
  /** Whether the fiber lets all others run first. */
  isLater: boolean
  isDone: boolean
  /**
   * Whether the fiber waits for the host, and the run has already waited for it: virtual time continues
   * without it.
   */
  isPassedBy: boolean
}

export type FibersById = ReadonlyMap<FiberId, RunFiber>

/** Returns the title of a fiber, such as `#1 main`, `#3 loader` or `#4`. */
export function titleOf({ number, fiber }: RunFiber): string {
  const name = fiber.name ?? (number === 1 ? 'main' : undefined)
  return name === undefined ? `#${number}` : `#${number} ${name}`
}

/** Replaces the fiber ids in `text` by the numbers of the run's fibers, which are the same in each run. */
export const renumbered = (text: string, fibersById: FibersById): string =>
  text.includes('#')
    ? text.replace(/#(\d+)/g, (whole, id) => {
        const runFiber = fibersById.get(Number(id))
        return runFiber === undefined ? whole : `#${runFiber.number}`
      })
    : text
