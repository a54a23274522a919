/** Who acts in a run, and what is remembered of it: fibers under their numbers in that run, and the clock. */

import type { Fiber } from '../../core/fiber.js'
import type { FiberId } from '../../data/reasons.js'
import type { Pooled } from './indexed-pool.js'

/** A fiber of the run. */
export interface RunFiber extends Pooled {
  readonly fiber: Fiber<unknown, unknown>
  /** 1 for the main fiber, then in order of their making: the same in each run, which a fiber's id is not. */
  readonly number: number
  /** Gives it its turn. Set exactly while it is ready. */
  run: (() => void) | undefined
  /** Whether it lets everybody else go first. */
  isLater: boolean
  /** Whether it has ended. */
  isDone: boolean
  /** Whether it waits for the host, which has had its chance to answer: virtual time goes on without it. */
  isPassedBy: boolean
}

/** Fibers by their ids. */
export type FibersById = ReadonlyMap<FiberId, RunFiber>

/** `#1 main`, `#3 loader`, `#4`. */
export function titleOf({ number, fiber }: RunFiber): string {
  const name = fiber.name ?? (number === 1 ? 'main' : undefined)
  return name === undefined ? `#${number}` : `#${number} ${name}`
}

/** `text` with the fibers of the run under their numbers in it, which are the same in each run. */
export const renumbered = (text: string, cast: FibersById): string =>
  text.includes('#')
    ? text.replace(/#(\d+)/g, (whole, id) => {
        const actor = cast.get(Number(id))
        return actor === undefined ? whole : `#${actor.number}`
      })
    : text
