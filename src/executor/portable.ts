/**
 * How a job ended, as plain data: what structured clone and JSON both carry.
 *
 * Structured clone keeps of an Error its message and stack, and loses its class, its `_tag` and every field: a typed error would
 * come out untyped. So an Error is taken apart here, and put together on the other side as an Error with the same name, fields,
 * stack and cause. Its class stays behind: `catchTag` works on it, `instanceof` does not.
 */
import { left, none, right } from '../data/either.js'
import { ExecutorError, type ExecutorProblem } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { Cause, Reason } from '../data/reasons.js'
import { DecodeError } from '../io-ts/decode-error.js'

interface PackedError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause: Packed | undefined
}

/** A value that may be an Error. */
export type Packed = { readonly error: PackedError } | { readonly value: unknown }

export type PackedReason =
  | { readonly _tag: 'Fail'; readonly error: Packed }
  | { readonly _tag: 'Die'; readonly defect: Packed }
  | { readonly _tag: 'Interrupt' }
  /** A value did not fit its codec. */
  | { readonly _tag: 'Unfit'; readonly message: string }
  /** The job was not run, or its end cannot be told. */
  | {
      readonly _tag: 'Problem'
      readonly problem: ExecutorProblem
      readonly message: string
      readonly cause: Packed | undefined
    }

/** How a job ended. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly reasons: ReadonlyArray<PackedReason>; readonly trace: ReadonlyArray<string> }

/** A chain of causes longer than this tells a person nothing more. */
const deepest = 8

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Takes an Error apart; anything else stays as it is. */
export function pack(value: unknown, depth = 0): Packed {
  if (!(value instanceof Error)) return { value }
  const { name, message, stack, cause, ...fields } = value as Error & Record<string, unknown>
  return {
    error: {
      name: String(name),
      message: String(message),
      stack: textOf(stack),
      fields,
      cause: cause === undefined || depth >= deepest ? undefined : pack(cause, depth + 1)
    }
  }
}

/** The errors that every host has are themselves again. */
const builtIn = (name: string): ErrorConstructor => {
  switch (name) {
    case 'TypeError':
      return TypeError
    case 'RangeError':
      return RangeError
    case 'SyntaxError':
      return SyntaxError
    case 'ReferenceError':
      return ReferenceError
    case 'URIError':
      return URIError
    default:
      return Error
  }
}

/** Puts an Error together again. */
export function unpack(packed: Packed): unknown {
  if (!('error' in packed)) return packed.value
  const { name, message, stack, fields, cause } = packed.error
  const error = new (builtIn(name))(message, cause === undefined ? undefined : { cause: unpack(cause) })
  for (const [field, value] of Object.entries(fields)) define(error, field, value, true)
  define(error, 'name', name, false)
  if (stack !== undefined) define(error, 'stack', stack, false)
  return error
}

/** Defined and not assigned: a field may be called `__proto__`. */
const define = (error: Error, field: string, value: unknown, enumerable: boolean): void => {
  Object.defineProperty(error, field, { value, enumerable, writable: true, configurable: true })
}

/** A DecodeError with the words of the one on the other side, whose codecs cannot cross. */
export const unfit = (message: string): DecodeError => {
  const error = new DecodeError([])
  error.message = message
  return error
}

const packReason = (reason: Reason<unknown>): PackedReason => {
  switch (reason._tag) {
    case 'Fail':
      if (reason.error instanceof DecodeError) return { _tag: 'Unfit', message: reason.error.message }
      if (reason.error instanceof ExecutorError) {
        const { problem, message, cause } = reason.error
        return { _tag: 'Problem', problem, message, cause: cause === undefined ? undefined : pack(cause) }
      }
      return { _tag: 'Fail', error: pack(reason.error) }
    case 'Die':
      return { _tag: 'Die', defect: pack(reason.defect) }
    default:
      return { _tag: 'Interrupt' }
  }
}

/** A cause as it goes out. */
export const packCause = (cause: Cause<unknown>): Outcome => ({
  reasons: cause.reasons.map(packReason),
  trace: cause.trace
})

/** How a job ended, as it goes out. */
export const packExit = (exit: Exit<unknown, unknown>): Outcome =>
  exit._tag === 'Right' ? { value: exit.right } : packCause(exit.left)

const unpackReason = (reason: PackedReason): Reason<unknown> => {
  switch (reason._tag) {
    case 'Fail':
      return { _tag: 'Fail', error: unpack(reason.error) }
    case 'Die':
      return { _tag: 'Die', defect: unpack(reason.defect) }
    case 'Unfit':
      return { _tag: 'Fail', error: unfit(reason.message) }
    case 'Problem': {
      const cause = reason.cause === undefined ? undefined : unpack(reason.cause)
      return { _tag: 'Fail', error: new ExecutorError(reason.problem, reason.message, cause) }
    }
    default:
      return { _tag: 'Interrupt', by: none, result: none }
  }
}

/** What came in, as the end of a job. */
export const unpackOutcome = (outcome: Outcome): Exit<unknown, unknown> => {
  if ('value' in outcome) return right(outcome.value)
  const [first, ...others] = outcome.reasons.map(unpackReason)
  // An empty list is nothing that this library sends.
  if (first === undefined)
    return left({ reasons: [{ _tag: 'Die', defect: new Error('a job ended without a reason') }], trace: [] })
  return left({ reasons: [first, ...others], trace: outcome.trace })
}
