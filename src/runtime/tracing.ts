/**
 * Records where each failing operation was built: a line of user code, for `Cause.pretty`.
 *
 * While tracing is on, each primitive remembers the stack of its creation. If it fails, its frame records
 * that stack for the reasons of the failure in a side table: neither causes nor reasons have an additional
 * property. Text is made of a stack only on request. The run loop knows nothing of tracing: a traced
 * primitive is an operation like others, with a frame of its own, counted where the primitive would have been
 * counted, so that interruption is delivered at the very same checkpoints. Only primitives have such a frame,
 * because one for each operation in the tail of an endless loop would take ever more memory.
 *
 * What runs at load time depends on nothing that a program uses, so a bundle contains it only if
 * the program uses a part of it.
 */

import { type Frames, Node, nodeOf, Op, primitiveObserver } from '../core/node.js'
import { slice } from '../core/slice.js'
import { failureDetails } from '../data/describe.js'
import { host } from '../data/host.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { cleaned, userLine } from '../data/stacks.js'
import { continuation, Passes, type StartOp } from './continuation.js'
import { causeOf, failCauseNode } from './failure-nodes.js'
import type { FiberState } from './fiber-state.js'
import { push } from './frames.js'
import { runFiber } from './run-loop.js'

/** Where a primitive was built. */
class Site {
  /** Undefined once its stack has been read. */
  private error: Error | undefined = new Error()
  private found: string | undefined = undefined

  /** The line of user code, if there is one. What the library builds while it runs a fiber has none. */
  get line(): string | undefined {
    if (this.error !== undefined) {
      this.found = userLine(this.error.stack ?? '', runFiber.name)
      this.error = undefined
    }
    return this.found
  }
}

/**
 * The site of each reason, and also of its error or defect if that is an object, because handlers that pass a
 * failure on create a new reason.
 */
const sites = /* @__PURE__ */ new WeakMap<object, Site>()

const subjectOf = (reason: Reason<unknown>): object | undefined => {
  const subject = reason._tag === 'Fail' ? reason.error : reason._tag === 'Die' ? reason.defect : undefined
  return (typeof subject === 'object' && subject !== null) || typeof subject === 'function'
    ? subject
    : undefined
}

/** Returns the recorded site that has a line, if any. */
const siteOf = (reason: Reason<unknown>): Site | undefined =>
  [sites.get(reason), sites.get(subjectOf(reason) ?? reason)].find((site) => site?.line !== undefined)

function put(reason: Reason<unknown>, site: Site): void {
  // An interruption is not a failure of the operation that it ended, and one reason serves many.
  if (reason._tag === 'Interrupt') return
  sites.set(reason, site)
  const subject = subjectOf(reason)
  // An error or defect that the library has passed on keeps the line that it had.
  if (subject !== undefined && (!sites.has(subject) || site.line !== undefined)) sites.set(subject, site)
}

/** Records `site` for the reasons that have none: the innermost line counts. */
function putWhereNone(cause: Cause<unknown>, site: Site): void {
  for (const reason of cause.reasons) if (siteOf(reason) === undefined) put(reason, site)
}

const leaveTraced = /* @__PURE__ */ continuation(
  Passes.All,
  (_fiber, _frames, _depth, site: Site, failure) => {
    if (failure === undefined) return undefined
    const cause = causeOf(failure)
    putWhereNone(cause, site)
    return failCauseNode(cause)
  }
)

const enterTraced: StartOp<Site, Node> = (fiber, node, frames, depth) => {
  push(frames, depth, node.b, leaveTraced)
  return beginTracing(fiber, node.c, frames, depth + 2)
}

/** Does what the run loop does with a primitive of its kind. */
function beginTracing(fiber: FiberState, primitive: Node, frames: Frames, depth: number): Node | undefined {
  switch (primitive.taskOp) {
    case Op.Sync:
      return new Node(Op.Succeed, primitive.a(), undefined, undefined)
    case Op.Suspend:
      return primitive.a()
    case Op.Park: {
      const looked = primitive.a(fiber, primitive.b, primitive.c)
      if (looked === undefined) return undefined
      const found = nodeOf(looked)
      // The returned node belongs to this operation, as in the run loop.
      if (found.taskOp > Op.Deliver) slice.budget++
      return found
    }
    case Op.Enter:
    case Op.Region:
      return primitive.a(fiber, primitive, frames, depth)
    default:
      return primitive
  }
}

function traced(primitive: Node): Node {
  const site = new Site()
  switch (primitive.taskOp) {
    case Op.Fail: {
      const reason: Reason<unknown> = { _tag: 'Fail', error: primitive.a }
      put(reason, site)
      return failCauseNode(Reasons.fromReason(reason))
    }
    case Op.FailCause:
      putWhereNone(primitive.a, site)
      return primitive
    default:
      return new Node(Op.Enter, enterTraced, site, primitive)
  }
}

/**
 * Whether `AIO_TRACE=1` is set. Not read under Deno, which would ask its user for
 * permission to read the environment.
 */
const isAskedFor = (): boolean => host.Deno === undefined && host.process?.env?.AIO_TRACE === '1'

/** Adds information to the text of failures. */
export interface Tracing {
  /** Starts tracing, in the whole process. */
  start(): void
  /** Formats a cause like `Cause.pretty`, with all available information. */
  pretty(cause: Cause<unknown>): string
}

function makeTracing(): Tracing {
  failureDetails.bound = { cleaned }
  const start = (): void => {
    failureDetails.bound = {
      cleaned,
      // SAFETY: only reasons are passed here.
      builtAt: (reason) => siteOf(reason as Reason<unknown>)?.line,
      replaced: (from, to) => {
        const site = siteOf(from as Reason<unknown>)
        if (site !== undefined) put(to as Reason<unknown>, site)
      }
    }
    primitiveObserver.bound = traced
  }
  if (isAskedFor()) start()
  return { start, pretty: Reasons.pretty }
}

export const tracing: Tracing = /* @__PURE__ */ makeTracing()
