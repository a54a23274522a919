/**
 * Programs with assertions, run in every order in which their fibers can be scheduled.
 *
 * Most of these bugs occur in one such order. A test with that order would only guard against it; so the program states what has to
 * hold, and the search finds the order.
 */
import { type Group, Task } from 'aio-ts'
import { explore } from 'aio-ts/testing'
import { pipe } from 'fp-ts/lib/function.js'
import { expect } from 'vitest'
import { rightOf } from './exits.js'

/** Every interleaving within two preemptions (or as many as are given) ends with a value, and leaves nothing behind. */
export async function inEveryOrder(
  make: () => Task.Task<unknown, unknown>,
  preemptions: number = 2
): Promise<void> {
  const { complete, runs } = await explore(make, { preemptions, check: (run) => void rightOf(run.exit) })
  expect(complete).toBe(true)
  expect(runs).toBeGreaterThan(1)
}

/** `inEveryOrder` of a body that has a group for the fibers that it starts. Leftovers are interrupted when it ends. */
export const withFibers = (
  body: (group: Group<unknown>) => Generator<Task.Task<any, any>, void, any>,
  preemptions: number = 2
): Promise<void> =>
  inEveryOrder(
    () => Task.withGroup<unknown, unknown, void>((group) => Task.gen(() => body(group))),
    preemptions
  )

/** Runs `task` to its end and hands its value to `keep` in one step, so that an interruption comes before both or after. */
export const keeping = <E, A>(task: Task.Task<E, A>, keep: (value: A) => void): Task.Task<E, void> =>
  Task.uninterruptibleMask((restore) => pipe(restore(task), Task.map(keep)))
