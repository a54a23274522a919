/**
 * Tracks the fibers that acquire something for a group, which cannot be closed before these acquisitions end.
 *
 * An acquisition cannot be interrupted. If it waits for an event that a fiber of the group would have caused,
 * and closing has stopped that fiber, it would wait forever and keep the group from closing (trio#1431). So
 * once only acquisitions are left in a closing group, one that waits for an event (a Deferred, a Latch, a
 * Queue) dies of an error that says so. The resource would have been released at once in any case.
 */

import { die } from '../core/construct.js'
import { extraOf, type FiberState, fibersIn, type Owner } from '../runtime/fiber-state.js'
import { CallbackTimer, startTimer, stopTimer } from '../runtime/host/timers.js'
import { asPublicFiber } from '../runtime/public-fiber.js'
import { Waiter } from '../runtime/wait-queue.js'

/** Milliseconds between two checks of the acquisitions that are all that is left of a closing group. */
const interval = 100

export class Acquirers {
  /** The number of acquisitions that each fiber is in. */
  private readonly counts = new Map<FiberState, number>()
  /** Cancels the timer of the next check. Set exactly while there is one. */
  private cancelLook: (() => void) | undefined = undefined

  /** The number of these fibers that belong to the group itself. */
  members = 0

  constructor(private readonly group: Owner & { readonly title: string }) {}

  add(fiber: FiberState): void {
    const extra = extraOf(fiber)
    extra.acquiresFor = [...(extra.acquiresFor ?? []), this.group]
    const count = this.counts.get(fiber) ?? 0
    if (count === 0 && fiber.owner === this.group) this.members++
    this.counts.set(fiber, count + 1)
  }

  remove(fiber: FiberState): void {
    const extra = extraOf(fiber)
    const rest = extra.acquiresFor?.slice(0, -1)
    extra.acquiresFor = rest?.length === 0 ? undefined : rest
    const count = (this.counts.get(fiber) ?? 0) - 1
    if (count > 0) this.counts.set(fiber, count)
    else {
      this.counts.delete(fiber)
      if (fiber.owner === this.group) this.members--
    }
    if (this.counts.size > 0) return
    this.cancelLook?.()
    this.cancelLook = undefined
  }

  /**
   * Called when only acquisitions are left in the closing group. Those that wait for an
   * event die now, and those that begin to wait for one later die at the next check.
   */
  watch(): void {
    if (this.cancelLook !== undefined || this.counts.size === 0) return
    const clocks = new Set([...this.counts.keys()].map(({ runtime }) => runtime.clock))
    const alarms = [...clocks].map((clock) => ({ clock, alarm: new CallbackTimer(() => this.look()) }))
    for (const { clock, alarm } of alarms) startTimer(clock, alarm, interval)
    this.cancelLook = () => {
      for (const { clock, alarm } of alarms) stopTimer(clock, alarm)
    }
    this.refuse()
  }

  private look(): void {
    this.cancelLook?.()
    this.cancelLook = undefined
    this.watch()
  }

  private refuse(): void {
    for (const acquirer of this.counts.keys()) {
      for (const waiter of eventsOf(acquirer) ?? []) {
        waiter.leave()
        waiter.fiber.wake(die(new Error(neverAnswered(acquirer, waiter, this.group.title))))
      }
    }
  }
}

const neverAnswered = (fiber: FiberState, { on }: Waiter<unknown>, group: string): string =>
  `fiber ${asPublicFiber(fiber).title} acquires something for its ${group} and waits for ${on}, while all fibers of that group have ended: ` +
  'what an acquisition waits for must not come from a fiber that closing the group stops'

/**
 * Returns the events that `fiber` waits for, directly or through its
 * children. Returns undefined if something else may wake one of these fibers.
 */
function eventsOf(fiber: FiberState): ReadonlyArray<Waiter<unknown>> | undefined {
  const found: Array<Waiter<unknown>> = []
  const fibers = [fiber]
  // The list grows while it is processed from the front.
  for (let index = 0; index < fibers.length; index++) {
    const waiting = fibers[index]?.waiting
    if (waiting instanceof Waiter) {
      const { queue } = waiting
      // Waits for a fiber, a group or permits can end without an event.
      if ('owner' in queue || queue.until !== undefined || queue.onLeave !== undefined) return undefined
      found.push(waiting)
    } else if (waiting?.branch === undefined || waiting.endsByItself === true) return undefined
    else {
      fibers.push(...fibersIn(waiting.branch))
      for (const { fibers: inner } of waiting.branch.branches) fibers.push(...fibersIn({ fibers: inner }))
    }
  }
  return found
}
