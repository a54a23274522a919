/**
 * Where each failing operation was built: a line of the user's code, for `Cause.pretty`.
 *
 * While tracing is on, each primitive captures the stack of its construction, and a failure of it records
 * that stack for its reasons in a side table: causes and reasons have no additional property. Stacks are
 * formatted only on demand. The run loop does not know tracing: a traced primitive is an operation with a
 * frame of its own, counted where the primitive would have been counted, so that interruption is delivered at
 * the same places. Only primitives are traced, since a frame for each operation in the tail of an endless
 * loop would take memory without bound.
 *
 * A bundle contains this module only if it uses one of its exports.
 */

import { Node, Op, wrapPrimitives } from '../core/node.js'
import { insight } from '../data/describe.js'
import { host } from '../data/host.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { cleaned, userLine } from '../data/stacks.js'
import { type Continuation, passingThrough, type StartOp } from './continuation.js'
import { causeOf, failCauseNode } from './failure-nodes.js'
import type { FiberState } from './fiber-state.js'
import { type Frames, push, slice } from './frames.js'
import { runFiber } from './run-loop.js'

/** Where a leaf was built. */
class Site {
  /** Undefined once it has been read. */
  private error: Error | undefined = new Error()
  private found: string | undefined = undefined

  /** The user's line, if there is one. What the library builds while it runs a fiber is nobody's. */
  get line(): string | undefined {
    if (this.error !== undefined) {
      this.found = userLine(this.error.stack ?? '', runFiber.name)
      this.error = undefined
    }
    return this.found
  }
}

/**
 * By reason; and by what it is about, where that is an object, since handlers that pass a failure on make a
 * new reason of it.
 */
const sites = /* @__PURE__ */ new WeakMap<object, Site>()

const subjectOf = (reason: Reason<unknown>): object | undefined => {
  const subject = reason._tag === 'Fail' ? reason.error : reason._tag === 'Die' ? reason.defect : undefined
  return (typeof subject === 'object' && subject !== null) || typeof subject === 'function'
    ? subject
    : undefined
}

/** The one that has a line, if any. */
const siteOf = (reason: Reason<unknown>): Site | undefined =>
  [sites.get(reason), sites.get(subjectOf(reason) ?? reason)].find((site) => site?.line !== undefined)

function put(reason: Reason<unknown>, site: Site): void {
  // An interruption is no failure of the operation that it ended, and one reason serves many.
  if (reason._tag === 'Interrupt') return
  sites.set(reason, site)
  const subject = subjectOf(reason)
  // What has been passed on by the library keeps the line that it had.
  if (subject !== undefined && (!sites.has(subject) || site.line !== undefined)) sites.set(subject, site)
}

/** The innermost line counts. */
function putWhereNone(cause: Cause<unknown>, site: Site): void {
  for (const reason of cause.reasons) if (siteOf(reason) === undefined) put(reason, site)
}

const leaveLeaf: Continuation = /* @__PURE__ */ passingThrough((_fiber, _frames, _depth, site, failure) => {
  if (failure === undefined) return undefined
  const cause = causeOf(failure)
  putWhereNone(cause, site as Site)
  return failCauseNode(cause)
})

const enterLeaf: StartOp = (fiber, node, frames, depth) => {
  push(frames, depth, node.b, leaveLeaf)
  return beginTracing(fiber, node.c as Node, frames, depth + 2)
}

/** Does what the run loop does with a leaf of its kind. */
function beginTracing(fiber: FiberState, leaf: Node, frames: Frames, depth: number): Node | undefined {
  switch (leaf.taskOp) {
    case Op.Sync:
      return new Node(Op.Succeed, (leaf.a as () => unknown)(), undefined, undefined)
    case Op.Suspend:
      return (leaf.a as () => Node)()
    case Op.Park: {
      const look = leaf.a as (fiber: FiberState, b: unknown, c: unknown) => Node | undefined
      const found = look(fiber, leaf.b, leaf.c)
      // It belongs to this operation, as the run loop has it.
      if (found !== undefined && found.taskOp > Op.Deliver) slice.budget++
      return found
    }
    default:
      return (leaf.a as StartOp)(fiber, leaf, frames, depth)
  }
}

function watched(leaf: Node): Node {
  const site = new Site()
  switch (leaf.taskOp) {
    case Op.Fail: {
      const reason: Reason<unknown> = { _tag: 'Fail', error: leaf.a }
      put(reason, site)
      return failCauseNode(Reasons.fromReason(reason))
    }
    case Op.FailCause:
      putWhereNone(leaf.a as Cause<unknown>, site)
      return leaf
    default:
      return new Node(Op.Enter, enterLeaf, site, leaf)
  }
}

/** Deno would ask the user for leave to look into the environment. */
const isAskedFor = (): boolean => host.Deno === undefined && host.process?.env?.AIO_TRACE === '1'

/** What tells more of failures. */
export interface Tracing {
  /** From now on, in the whole process. */
  start(): void
  /** `Cause.pretty`, with all that there is to tell. */
  pretty(cause: Cause<unknown>): string
}

function makeTracing(): Tracing {
  insight.cleaned = cleaned
  const start = (): void => {
    // SAFETY: only reasons are asked for.
    insight.builtAt = (reason) => siteOf(reason as Reason<unknown>)?.line
    insight.replaced = (from, to) => {
      const site = siteOf(from as Reason<unknown>)
      if (site !== undefined) put(to as Reason<unknown>, site)
    }
    wrapPrimitives(watched)
  }
  if (isAskedFor()) start()
  return { start, pretty: Reasons.pretty }
}

export const tracing: Tracing = /* @__PURE__ */ makeTracing()
