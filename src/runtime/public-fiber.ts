/**
 * The public `Fiber` methods. They are installed on `FiberState` only if a program exposes fibers: one that
 * only runs Tasks at the edge does not bundle them.
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { succeed } from '../core/construct.js'
import { installDiagnostics } from '../core/diagnostics.js'
import type { FiberStatus } from '../core/fiber.js'
import { make, Node, Op, primitive, type Task } from '../core/node.js'
import { none, some } from '../data/either.js'
import type { Exit } from '../data/exit.js'
import { installMethods } from '../data/late-bound.js'
import { die } from '../data/reasons.js'
import { showAsText, summary } from '../data/to-string.js'
import { branchOf } from './cancellation.js'
import { FiberState, Flag } from './fiber-state.js'
import { namesOfFiber } from './frames.js'
import type { LiveFiber, LiveGroup } from './hooks.js'
import { interruptSelf } from './interruption.js'
import type { Branch } from './wait.js'
import { park, type Waiter, type WaitQueue } from './wait-queue.js'

/** What a waiter for a fiber's end continues with. */
type JoinerPayload = (exit: Exit<unknown, unknown>) => Task<unknown, unknown>

/** Never instantiated: every `FiberState` is a `Handle` once the methods are installed. */
abstract class Handle extends FiberState implements LiveFiber, WaitQueue<JoinerPayload> {
  declare first: Waiter<JoinerPayload> | undefined

  join(): Task<unknown, unknown> {
    return primitive(Op.Park, lookEnd, this, asResult)
  }

  wait(): Task<never, Exit<unknown, unknown>> {
    return make(Op.Park, lookEnd, this, asValue)
  }

  interrupt(): Task<never, Exit<unknown, unknown>> {
    return make(Op.Park, interruptAndLook, this)
  }

  interruptNowait(): void {
    this.requestInterruption(0)
  }

  poll(): Option<Exit<unknown, unknown>> {
    this.flags |= Flag.Observed
    return this.result === undefined ? none : some(this.result)
  }

  status(): FiberStatus {
    if (this.waiting !== undefined) return { _tag: 'Waiting', on: this.waiting.on }
    if (this.isDone) return { _tag: 'Done' }
    return { _tag: (this.flags & Flag.Running) !== 0 ? 'Running' : 'Ready' }
  }

  get parent(): LiveFiber | LiveGroup | undefined {
    const { holder } = this.owner
    return holder instanceof FiberState ? asPublicFiber(holder) : holder
  }

  /** The id and the name: `#12 loader`. */
  get title(): string {
    return this.name === undefined ? `#${this.id}` : `#${this.id} ${this.name}`
  }

  get waitsFor(): string {
    return `join ${this.title}`
  }

  get path(): ReadonlyArray<string> {
    return namesOfFiber(this)
  }

  get branch(): Branch | undefined {
    return branchOf(this)
  }

  toJSON(): unknown {
    return { fiber: this.id, name: this.name, status: this.status() }
  }

  override toString(): string {
    const { waiting, result } = this
    const state = waiting === undefined ? liveEndOf(result) : `waits for ${waiting.on}`
    return summary('Fiber', this.title, state ?? this.status()._tag.toLowerCase())
  }
}

export type { Handle }

const liveEnds = { Fail: 'failed', Die: 'died', Interrupt: 'interrupted' }

/**
 * Describes how a fiber ended without marking its exit as observed: a failure that has not
 * been observed is still reported.
 */
const liveEndOf = (result: Exit<unknown, unknown> | undefined): string | undefined =>
  result === undefined
    ? undefined
    : result._tag === 'Right'
      ? 'succeeded'
      : liveEnds[result.left.reasons[0]._tag]

/** Installs the methods of `Fiber`, and the diagnostics for what user code does with fibers. */
export function installFiberMethods(): void {
  if ('join' in FiberState.prototype) return
  installDiagnostics(Node)
  installMethods(FiberState, Handle)
  showAsText(FiberState.prototype)
}

/** Returns `fiber` as a public fiber. */
export function asPublicFiber(fiber: FiberState): Handle {
  installFiberMethods()
  // SAFETY: `FiberState` has these methods now.
  return fiber as Handle
}

const asValue: JoinerPayload = (exit) => succeed(exit)

const asResult: JoinerPayload = (exit) =>
  exit._tag === 'Right' ? succeed(exit.right) : make(Op.FailCause, exit.left)

const lookEnd = (
  fiber: FiberState,
  target: Handle,
  continueWith: JoinerPayload
): Task<unknown, unknown> | undefined => {
  target.flags |= Flag.Observed
  if (target.result !== undefined) return continueWith(target.result)
  if (fiber === target) return make(Op.FailCause, selfWait(target))
  return park(target, fiber, continueWith)
}

const selfWait = ({ title }: Handle): ReturnType<typeof die> =>
  die(new Error(`fiber ${title} waits for its own end, which can never come`))

const interruptAndLook = (fiber: FiberState, target: Handle): Task<unknown, unknown> | undefined => {
  target.requestInterruption(fiber.id)
  return fiber === target ? interruptSelf(fiber) : lookEnd(fiber, target, asValue)
}
