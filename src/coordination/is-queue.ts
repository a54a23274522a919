/**
 * How one who should not bring queues along knows a queue when he sees one: a program that has none has not
 * made any.
 */

import type { Task } from '../core/node.js'
import type { QueueClosedError } from '../data/errors.js'

/** The class of queues. Set once one has been made. */
export const queueClass: { queue: { [Symbol.hasInstance](value: unknown): boolean } | undefined } = {
  queue: undefined
}

/** Whether `items` are a queue. */
export const isQueue = <X>(items: unknown): items is { get(): Task<QueueClosedError, X> } =>
  queueClass.queue?.[Symbol.hasInstance](items) === true
