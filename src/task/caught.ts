/**
 * Typed failures that a generator has caught: an error that it throws on as it is stays the failure that it
 * was.
 */

import type { Node } from '../core/node.js'
import { dieNode } from '../runtime/failure-nodes.js'

/** So many errors that are no objects are remembered, the latest: no WeakMap can hold those. */
const mostValues = 100

/** A generator that has caught typed failures, as its continuation keeps it. */
export class Caught {
  /** Whether the generator waits at a bare `yield`. */
  isBare = false
  private readonly objects = new WeakMap<object, Node>()
  /** The oldest first. */
  private readonly values = new Map<unknown, Node>()

  constructor(readonly generator: Generator<unknown, unknown, unknown>) {}

  /** `error` was thrown into the generator for `failure`. */
  add(error: unknown, failure: Node): void {
    if (isHeldWeakly(error)) {
      this.objects.set(error, failure)
      return
    }
    this.values.delete(error)
    this.values.set(error, failure)
    if (this.values.size > mostValues) this.values.delete(this.values.keys().next().value)
  }

  caughtFailureOf(error: unknown): Node | undefined {
    return isHeldWeakly(error) ? this.objects.get(error) : this.values.get(error)
  }
}

const isHeldWeakly = (value: unknown): value is object =>
  typeof value === 'function' || (typeof value === 'object' && value !== null)

/**
 * The failure that a generator ends with that has thrown `thrown`: an error that it had caught, or else a
 * defect.
 */
export const failureOf = (thrown: unknown, caught: Caught | undefined): Node =>
  caught?.caughtFailureOf(thrown) ?? dieNode(thrown)
