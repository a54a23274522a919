/**
 * Finds out what a program whose event loop is empty still waits for. `runMain` uses it to distinguish a
 * program that runs until a signal arrives from a deadlocked one.
 *
 * The event loop is empty, so no timer and no I/O can wake a fiber. A signal can: it interrupts the main
 * fiber and everything that this waits for. So what matters is where the chain of waits ends that begins with
 * the main fiber; what others wait for does not count.
 */

import { FiberState, fibersIn } from '../fiber-state.js'
import type { Branch } from '../wait.js'
import { Waiter, type WaitQueue } from '../wait-queue.js'
import {
  type AllHolders,
  everyFiber,
  findHolders,
  isLine,
  type Needs,
  nodesAfter,
  type WaitNode,
  whatGoesOn
} from './wait-cycles.js'

const isOpen = (branch: Branch): boolean => branch.group?.stage === 'open'

/**
 * Returns what has to end before `place` can continue. `deadlocks` asks what a place waits for in the end;
 * what counts here is what it waits for now:
 *
 * - Each fiber of an open group may close it, so one of them is enough for a fiber that waits for its end.
 * - `withGroup` waits only for its body as long as its group is open.
 * - The first side of a race is enough.
 */
function needsOf(place: WaitNode, holders: AllHolders): Needs {
  if (place instanceof FiberState) {
    const { waiting } = place
    const group = waiting instanceof Waiter ? (waiting.queue as WaitQueue<unknown>).group : undefined
    return { places: group === undefined ? nodesAfter(place, holders) : [group], isAny: false }
  }
  if (isLine(place)) return { places: nodesAfter(place, holders), isAny: true }
  const isGroup = place.group !== undefined
  const branches = isGroup ? [...place.branches] : [...place.branches].filter((branch) => !isOpen(branch))
  return { places: [...fibersIn(place), ...branches], isAny: isGroup ? isOpen(place) : place.isAny === true }
}

/** Whether `main` waits for an interruption, through any number of fibers, groups and permits. */
function reachesInterruption(main: FiberState, holders: AllHolders): boolean {
  const found = new Set<WaitNode>([main])
  // A list instead of recursion, because chains may be as long as there are fibers. Iteration over a Set
  // includes entries that are added meanwhile.
  for (const place of found) {
    if (place instanceof FiberState && place.waiting?.isEndless === true) return true
    for (const next of needsOf(place, holders).places) found.add(next)
  }
  return false
}

/**
 * Whether `main` waits for an interruption (`Task.never`, `callOnCancel`) and no wait cycle blocks it. To be
 * called while the event loop is empty. Costs time linear in the number of fibers.
 */
export function awaitsInterruption(main: FiberState): boolean {
  const fibers = everyFiber()
  const holders = findHolders(fibers)
  return reachesInterruption(main, holders) && whatGoesOn(fibers, holders, needsOf).has(main)
}
