/**
 * Detects a `Queue` without importing the class, so that bundles that use
 * `forEach` need not contain it. The constructor of `Queue` installs the class.
 */

import type { Task } from '../core/node.js'
import type { QueueClosedError } from '../data/errors.js'
import type { LateBound } from '../data/late-bound.js'

/** The class `Queue`. Installed once a queue has been created. */
export const queueClass: LateBound<{ [Symbol.hasInstance](value: unknown): boolean }> = { bound: undefined }

/** Whether `items` is a queue. */
export const isQueue = <X>(items: unknown): items is { get(): Task<QueueClosedError, X> } =>
  queueClass.bound?.[Symbol.hasInstance](items) === true
