/** Runs two tasks at once and succeeds with the pair of their values. */
import type { Task } from '../core/node.js'
import { allOf } from './all.js'

/**
 * Runs both tasks at once and succeeds with the pair of their values. The first failure
 * interrupts the other task and waits until it has ended; then `zip` fails with it.
 */
export const zip =
  <E2, B>(that: Task<E2, B>) =>
  <E, A>(self: Task<E, A>): Task<E | E2, [A, B]> =>
    both('Task.zip', self, that)

/** Safe because there are as many values as tasks. */
export const both = <E, A, E2, B>(where: string, self: Task<E, A>, that: Task<E2, B>): Task<E | E2, [A, B]> =>
  allOf<E | E2, A | B>(where, [self, that]) as Task<E | E2, ReadonlyArray<unknown>> as Task<E | E2, [A, B]>
