/**
 * Remembers the typed failures that a generator has caught: if it rethrows
 * such an error unchanged, its Task ends with the original failure.
 */

import type { FailedNode } from '../core/node.js'
import { dieNode } from '../runtime/failure-nodes.js'

/** How many errors that are not objects are remembered, namely the latest: a WeakMap cannot contain them. */
const mostValues = 100

/** A generator that has caught typed failures, as its continuation keeps it. */
export class Caught {
  /** Whether the generator waits at a bare `yield`. */
  isBare = false
  private readonly objects = new WeakMap<object, FailedNode>()
  /** In order of insertion, the oldest first. */
  private readonly values = new Map<unknown, FailedNode>()

  constructor(readonly generator: Generator<unknown, unknown, unknown>) {}

  /** Remembers that `error` was thrown into the generator for `failure`. */
  add(error: unknown, failure: FailedNode): void {
    if (isHeldWeakly(error)) {
      this.objects.set(error, failure)
      return
    }
    this.values.delete(error)
    this.values.set(error, failure)
    if (this.values.size > mostValues) this.values.delete(this.values.keys().next().value)
  }

  caughtFailureOf(error: unknown): FailedNode | undefined {
    return isHeldWeakly(error) ? this.objects.get(error) : this.values.get(error)
  }
}

const isHeldWeakly = (value: unknown): value is object =>
  typeof value === 'function' || (typeof value === 'object' && value !== null)

/**
 * Returns the failure of a generator that has thrown `thrown`: the
 * original failure if it had caught that error, or else a defect.
 */
export const failureOf = (thrown: unknown, caught: Caught | undefined): FailedNode =>
  caught?.caughtFailureOf(thrown) ?? dieNode(thrown)
