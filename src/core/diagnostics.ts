/**
 * The full diagnostics of Tasks that go wrong. `make` installs them, so a bundle that contains only
 * `succeed` does not pay for them.
 */

import { describeValue, expected, refusedValue } from '../data/check-input.js'
import { diagnostics } from '../data/diagnostics.js'
import { installContextCapture } from '../data/host-context.js'
import { installMethods } from '../data/late-bound.js'
import { disown } from '../data/promises.js'
import {
  apart,
  areWorthTelling,
  type Cause,
  checkCause,
  combineAll,
  markUntyped,
  pretty
} from '../data/reasons.js'
import { showAsText } from '../data/to-string.js'
import { Op } from './op.js'

const opNames: { readonly [K in Op]?: string } = {
  [Op.Succeed]: 'succeed',
  [Op.Fail]: 'fail',
  [Op.FailCause]: 'failCause',
  [Op.Named]: 'named',
  [Op.Sync]: 'sync',
  [Op.Suspend]: 'suspend',
  [Op.FlatMap]: 'flatMap',
  [Op.Map]: 'map',
  [Op.YieldNow]: 'yieldNow'
}

/**
 * What `console.log`, `String` and `JSON.stringify` show for a Task: its name and, if `opNames` lists it, its
 * operation. The functions that the Task would run are not shown.
 */
class TaskText {
  declare readonly taskOp: Op
  declare readonly a: unknown
  declare readonly b: unknown
  /** Of a handler: the name of its operator. */
  declare readonly c: { readonly where: string } | undefined

  toString(): string {
    const isNamed = this.taskOp === Op.Named
    const self = isNamed ? (this.a as TaskText | undefined) : this
    const operation = self && (self.taskOp === Op.Handle ? self.c?.where : opNames[self.taskOp])
    return `Task${isNamed ? ` ${this.b}` : ''}${operation === undefined ? '' : ` (${operation})`}`
  }

  toJSON(): string {
    return `${this}`
  }
}

/**
 * The name of the operator whose function returned something other than a Task. Operators without a name here
 * check the results of their functions themselves.
 */
const handlerName = (from: Op): string | undefined => (from === Op.Handle ? 'matchTask' : opNames[from])

function wrongTask(value: unknown, from: number, top: unknown): TypeError {
  const name = (from < 0 ? opNames[top as Op] : handlerName(from)) ?? 'suspend'
  const what = from < 0 ? 'to stand behind a Task' : 'a Task'
  return expected(`Task.${name}`, what, value)
}

/**
 * Formats `cause` for an InterruptedError. Throws a TypeError if it is not a Cause, because users can
 * construct an InterruptedError from any value; the library itself passes only causes.
 */
function prettyOf(cause: Cause<unknown>): string {
  const wrong = checkCause('InterruptedError', cause)
  if (wrong !== undefined) throw wrong
  return pretty(cause)
}

const others = (cause: Cause<unknown>): Cause<unknown> | undefined => combineAll(apart(cause).slice(1))

const hidesTrouble = ({ reasons }: Cause<unknown>): boolean => areWorthTelling(reasons.slice(1))

function pastHandler(cause: Cause<unknown>, tag: unknown): void {
  for (const reason of cause.reasons) {
    if (reason._tag !== 'Fail') continue
    const error = reason.error as { readonly _tag?: unknown } | null | undefined
    if (typeof tag !== 'string' || error?._tag === tag) markUntyped(reason)
  }
}

function describeRefused(value: unknown): string {
  disown(value)
  return `, got ${describeValue(value)}`
}

/** Installs the full diagnostics, and the text of Tasks, whose class is `node`. */
export function installDiagnostics(node: { readonly prototype: object }): void {
  if (diagnostics.bound !== undefined) return
  diagnostics.bound = { pretty: prettyOf, others, hidesTrouble, pastHandler, wrongTask }
  refusedValue.bound = describeRefused
  installMethods(node, TaskText)
  showAsText(node.prototype)
  installContextCapture()
}
