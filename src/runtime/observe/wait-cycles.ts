/**
 * Finds and describes cycles in the wait-for graph of fibers, that is, deadlocks.
 *
 * No state is kept for it. A waiting fiber references what it waits for: a fiber that it joins, fibers that
 * it has started, a group, or permits, which are in the frames of the fibers that hold them.
 */

import { branchOf } from '../cancellation.js'
import { asFiber, FiberState, fibersIn } from '../fiber-state.js'
import { framesOf } from '../frames.js'
import type { LiveFiber } from '../hooks.js'
import { asPublicFiber, type Handle } from '../public-fiber.js'
import { openBranches, rootFibers } from '../root-fibers.js'
import type { Branch } from '../wait.js'
import { Waiter, type WaitQueue, waitersIn } from '../wait-queue.js'

/** A value kept by a frame that will return permits to the fibers in a wait queue. */
export interface Holding {
  /** The wait queue, in which each waiter requests a number of permits. */
  readonly holds: WaitQueue<number>
  readonly permits: number
  /** The total number of permits. */
  readonly of: number
}

/** The fibers that hold the permits that the fibers in a wait queue wait for. */
interface Holders {
  /** The total number of permits. */
  readonly of: number
  readonly line: WaitQueue<number>
  readonly by: Map<FiberState, number>
}

export type AllHolders = ReadonlyMap<WaitQueue<unknown>, Holders>

const isHolding = (kept: unknown): kept is Holding => typeof kept === 'function' && 'holds' in kept

/** One fiber of a wait cycle. It waits for the next one, and `how` says for what. */
export interface WaitStep {
  readonly fiber: Handle
  /** Describes the wait, given the title of the next fiber: `joins #3 loader`. */
  readonly how: (next: string) => string
}

/** A node of the wait-for graph: fibers wait for these, and these for fibers. */
export type WaitNode = FiberState | Branch | WaitQueue<unknown>

export const isLine = (place: WaitNode): place is WaitQueue<unknown> =>
  !(place instanceof FiberState) && 'waitsFor' in place && !('fibers' in place)

/** Returns every fiber that has not ended. Uses a list instead of recursion, because trees may be deep. */
export function everyFiber(): ReadonlyArray<FiberState> {
  const found: Array<FiberState> = [...fibersIn({ fibers: rootFibers })]
  const branches: Array<Branch> = [...openBranches]
  for (let seen = 0; seen < found.length || branches.length > 0; ) {
    const branch = branches.pop()
    if (branch === undefined) {
      const fiber = found[seen++]
      const below = fiber && branchOf(fiber)
      if (below !== undefined) branches.push(below)
    } else {
      for (const fiber of fibersIn(branch)) found.push(fiber)
      for (const inner of branch.branches) branches.push(inner)
    }
  }
  return found
}

export function findHolders(fibers: ReadonlyArray<FiberState>): AllHolders {
  const all = new Map<WaitQueue<unknown>, Holders>()
  for (const fiber of fibers) {
    for (const kept of framesOf(fiber) ?? []) {
      if (!isHolding(kept)) continue
      const { holds, permits, of } = kept
      const known: Holders = all.get(holds) ?? { of, line: holds, by: new Map() }
      known.by.set(fiber, (known.by.get(fiber) ?? 0) + permits)
      all.set(holds, known)
    }
  }
  return all
}

/**
 * Returns what has to finish before `place` can continue. Empty if any other code might let
 * it continue, as for most fibers.
 */
export function nodesAfter(place: WaitNode, holders: AllHolders): ReadonlyArray<WaitNode> {
  if (place instanceof FiberState) {
    const { waiting } = place
    const found: Array<WaitNode> = waiting?.branch === undefined ? [] : [waiting.branch]
    if (waiting instanceof Waiter) {
      const line: WaitQueue<unknown> = waiting.queue
      const next = line.until ?? (line as WaitQueue<unknown> | FiberState)
      if (!isLine(next) || holders.has(next)) found.push(next)
    }
    return found
  }
  if (isLine(place)) return [...(holders.get(place)?.by.keys() ?? [])]
  return [...fibersIn(place), ...place.branches]
}

/**
 * The waiters of a queue that can continue one after the other, as far as enough permits are free or
 * held by fibers that can continue.
 */
class Served {
  private readonly waiters: ReadonlyArray<Waiter<number>>
  private next = 0
  private permits: number

  constructor(
    private readonly holders: Holders,
    private readonly goesOn: (fiber: FiberState) => void
  ) {
    this.waiters = waitersIn(holders.line)
    this.permits = holders.of
    for (const held of holders.by.values()) this.permits -= held
    this.serve()
  }

  giveBack(holder: FiberState): void {
    this.permits += this.holders.by.get(holder) ?? 0
    this.serve()
  }

  private serve(): void {
    for (let waiter = this.waiters[this.next]; waiter !== undefined; waiter = this.waiters[this.next]) {
      if (waiter.payload > this.permits) return
      this.next++
      this.goesOn(asFiber(waiter.fiber))
    }
  }
}

/** What a node waits for: for all of these places, or for any one of them. */
export interface Needs {
  readonly places: ReadonlyArray<WaitNode>
  readonly isAny: boolean
}

/**
 * Returns the nodes that no cycle blocks; a fiber that waits for permits may also get them from holders
 * outside a cycle. The search goes from the nodes that wait for no other back to those that wait for them.
 */
export function whatGoesOn(
  fibers: ReadonlyArray<FiberState>,
  holders: AllHolders,
  needsOf: (place: WaitNode, holders: AllHolders) => Needs
): Set<WaitNode> {
  const going: Array<WaitNode> = []
  /** For each node, the nodes that wait for it; `waitsFor` is how many others each node waits for. */
  const behind = new Map<WaitNode, Array<WaitNode>>()
  const waitsFor = new Map<WaitNode, number>()
  const places: Array<WaitNode> = [...fibers]
  // The list grows while it is processed from the front.
  for (let place = places[0], seen = 0; place !== undefined; place = places[++seen]) {
    if (waitsFor.has(place) || isLine(place)) continue
    const needs = needsOf(place, holders)
    for (const next of needs.places) {
      behind.set(next, behind.get(next) ?? [])
      behind.get(next)?.push(place)
      places.push(next)
    }
    const count = needs.isAny ? Math.min(1, needs.places.length) : needs.places.length
    waitsFor.set(place, count)
    if (count === 0) going.push(place)
  }
  const served = new Map<FiberState, Array<Served>>()
  for (const those of holders.values()) {
    const line = new Served(those, (fiber) => going.push(fiber))
    for (const fiber of those.by.keys()) {
      const lines = served.get(fiber)
      if (lines === undefined) served.set(fiber, [line])
      else lines.push(line)
    }
  }
  const found = new Set<WaitNode>()
  for (let place = going.pop(); place !== undefined; place = going.pop()) {
    if (found.has(place)) continue
    found.add(place)
    if (place instanceof FiberState) for (const line of served.get(place) ?? []) line.giveBack(place)
    for (const waiting of behind.get(place) ?? []) {
      const rest = (waitsFor.get(waiting) ?? 0) - 1
      waitsFor.set(waiting, rest)
      if (rest === 0) going.push(waiting)
    }
  }
  return found
}

const howOf = (place: WaitNode | undefined): WaitStep['how'] => {
  if (place === undefined || place instanceof FiberState) return (next) => `joins ${next}`
  if (isLine(place)) return (next) => `waits for permits that ${next} holds`
  const { title } = place
  return title === undefined
    ? (next) => `waits for ${next}, which it has started`
    : (next) => `waits until ${title} is closed, in which ${next} is`
}

/**
 * Returns the fibers of a path that leads back to its start, beginning with the fiber that was created first.
 */
function stepsOf(way: ReadonlyArray<WaitNode>): ReadonlyArray<WaitStep> {
  const steps = way.flatMap((fiber, index): ReadonlyArray<WaitStep> => {
    if (!(fiber instanceof FiberState)) return []
    return [{ fiber: asPublicFiber(fiber), how: howOf(way[(index + 1) % way.length]) }]
  })
  const first = steps.reduce(
    (best, { fiber }, index) => (fiber.id < (steps[best]?.fiber.id ?? 0) ? index : best),
    0
  )
  return [...steps.slice(first), ...steps.slice(0, first)]
}

const needsAll = (place: WaitNode, holders: AllHolders): Needs => ({
  places: nodesAfter(place, holders),
  isAny: false
})

/** The maximum number of cycles; more would not help. */
const mostWaitCycles = 10

/** Returns the cycles in which fibers wait for each other. Costs time linear in the number of fibers. */
export function findWaitCycles(): ReadonlyArray<ReadonlyArray<WaitStep>> {
  const fibers = everyFiber()
  const holders = findHolders(fibers)
  const found: Array<ReadonlyArray<WaitStep>> = []
  // Without permits, no fiber in a cycle can continue.
  const finished = holders.size === 0 ? new Set<WaitNode>() : whatGoesOn(fibers, holders, needsAll)
  // A depth-first search with a stack of its own, because chains may be as long as there are fibers.
  const way: Array<WaitNode> = []
  const onWay = new Set<WaitNode>()
  const stack: Array<{ readonly places: ReadonlyArray<WaitNode>; next: number }> = []
  const enter = (place: WaitNode): void => {
    const places = finished.has(place) ? [] : nodesAfter(place, holders)
    if (places.length === 0) return
    way.push(place)
    onWay.add(place)
    stack.push({ places, next: 0 })
  }
  for (const start of fibers) {
    enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.places[top.next++]
      if (next === undefined) {
        stack.pop()
        const place = way.pop()
        if (place !== undefined) {
          onWay.delete(place)
          finished.add(place)
        }
      } else if (onWay.has(next)) {
        found.push(stepsOf(way.slice(way.indexOf(next))))
        if (found.length === mostWaitCycles) return found
      } else enter(next)
    }
  }
  return found
}

/**
 * Returns the cycles in which fibers wait for each other, through joins, fibers that they have started,
 * groups and permits. Each cycle begins with the fiber that was created first. A cycle through a race or a
 * time-out may resolve by itself, any other only by an interruption. Returns at most ten cycles, and costs
 * time linear in the number of fibers. `dump` describes the same cycles as text.
 *
 * ```ts
 * import { deadlocks, runFork, runTask, Semaphore, Task } from 'aio-ts'
 * import { pipe } from 'fp-ts/lib/function.js'
 *
 * const one = new Semaphore(1)
 * const greedy = runFork(pipe(Task.unit, one.withPermits(1), one.withPermits(1)), { name: 'greedy' })
 * await runTask(Task.yieldNow)
 * console.log(deadlocks().map((circle) => circle.map((fiber) => fiber.name))) // => [ [ 'greedy' ] ]
 * greedy.interruptNowait()
 * ```
 */
export const deadlocks = (): ReadonlyArray<ReadonlyArray<LiveFiber>> =>
  findWaitCycles().map((circle) => circle.map(({ fiber }) => fiber))

/** Describes a wait cycle: `in a circle: #2 a joins #3 b, #3 b joins #2 a`. */
export function describeWaitCycle(
  circle: ReadonlyArray<WaitStep>,
  titleOf: (fiber: Handle) => string = (fiber) => fiber.title
): string {
  const words = circle.map(({ fiber, how }, index) => {
    const next = circle[(index + 1) % circle.length]?.fiber ?? fiber
    return `${titleOf(fiber)} ${how(titleOf(next))}`
  })
  return `wait cycle: ${words.join(', ')}`
}
