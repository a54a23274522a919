/**
 * Detects a `Queue` without importing the class, so that bundles that use
 * `forEach` need not contain it. The constructor of `Queue` registers the class.
 */

import type { Task } from '../core/node.js'
import type { QueueClosedError } from '../data/errors.js'

/** The class `Queue`. Set once a queue has been created. */
export const queueClass: { queue: { [Symbol.hasInstance](value: unknown): boolean } | undefined } = {
  queue: undefined
}

/** Whether `items` is a queue. */
export const isQueue = <X>(items: unknown): items is { get(): Task<QueueClosedError, X> } =>
  queueClass.queue?.[Symbol.hasInstance](items) === true
