/**
 * How a job ended, as plain data: what structured clone and JSON both carry.
 *
 * Structured clone keeps of an Error its message and stack, and loses its class, its `_tag` and every field:
 * a typed error would come out untyped. So an Error is taken apart here, and put together on the other side
 * as an Error with the same name, fields, stack and cause. Its class stays behind: `catchTag` works on it,
 * `instanceof` does not.
 *
 * Of a defect only what says what went wrong is sent: name, message, `_tag`, stack and cause. Its other
 * fields stay behind: the errors of HTTP clients hold requests, with headers that nobody else may see. Only a
 * typed error's own fields are sent (see fields.ts). Packing never throws, whatever the error's getters do,
 * so that a defect stays a defect.
 */

import { describeValue } from '../data/check-input.js'
import { left, none, right } from '../data/either.js'
import { ExecutorError, type ExecutorProblem } from '../data/errors.js'
import type { Cause, Reason } from '../data/reasons.js'
import { DecodeError } from '../io-ts/decode-error.js'
import type { AnyExit } from './any-exit.js'
import {
  type Boundary,
  fieldsOf,
  findUncloneable,
  isErrorLike,
  isErrorOfAnyRealm,
  primitivesOf,
  readField
} from './find-uncloneable.js'

interface SerializedError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly fields: Readonly<Record<string, unknown>>
  readonly cause: SerializedValue | undefined
  /** Those of an AggregateError. */
  readonly errors?: ReadonlyArray<SerializedValue>
}

/** A value that may be an Error. */
export type SerializedValue = { readonly error: SerializedError } | { readonly value: unknown }

export type SerializedReason =
  | { readonly _tag: 'Fail'; readonly error: SerializedValue }
  | { readonly _tag: 'Die'; readonly defect: SerializedValue }
  | { readonly _tag: 'Interrupt' }
  /** A value did not fit its codec. */
  | { readonly _tag: 'Unfit'; readonly message: string }
  /** The job was not run, or it is not known how it ended. */
  | {
      readonly _tag: 'Problem'
      readonly problem: ExecutorProblem
      readonly message: string
      readonly cause: SerializedValue | undefined
    }

/** How a job ended, as it crosses a boundary. */
export type SerializedExit =
  | { readonly value: unknown }
  | { readonly reasons: ReadonlyArray<SerializedReason>; readonly trace: ReadonlyArray<string> }

/** A longer chain of causes is of no use to a human. */
const deepestCause = 8

/** So are more errors within one error, on all its levels together. */
const mostSerializedErrors = 20

/** The message, and the stack, of a defect are cut off here, in characters: it is to be read by a person. */
const longestText = 16_384

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const cutOff = (text: string): string =>
  text.length > longestText ? `${text.slice(0, longestText)}...` : text

/** Takes defects and causes apart. */
class DefectSerializer {
  private errors = 0

  constructor(private readonly boundary: Boundary) {}

  pack(value: unknown, depth = 0): SerializedValue {
    if (isErrorLike(value)) return { error: this.packError(value, depth) }
    if (findUncloneable(value, this.boundary) === undefined && Object(value) !== value) return { value }
    const parts = primitivesOf(value, this.boundary)
    return parts === undefined
      ? { error: this.packError(new Error(describeValue(value)), depth) }
      : { value: parts }
  }

  packError(error: object, depth: number): SerializedError {
    this.errors++
    const tag = textOf(readField(error, '_tag'))
    const stack = textOf(readField(error, 'stack'))
    return {
      name: textOf(readField(error, 'name')) ?? 'Error',
      message: cutOff(textOf(readField(error, 'message')) ?? ''),
      stack: stack === undefined ? undefined : cutOff(stack),
      fields: tag === undefined ? {} : { _tag: tag },
      ...this.within(error, depth)
    }
  }

  /** The cause and the members of an error. */
  within(error: object, depth: number): Pick<SerializedError, 'cause' | 'errors'> {
    const isDeep = (): boolean => depth >= deepestCause || this.errors >= mostSerializedErrors
    const cause = readField(error, 'cause')
    const packed = cause === undefined || isDeep() ? undefined : this.pack(cause, depth + 1)
    const errors = readField(error, 'errors')
    if (!Array.isArray(errors) || !errors.some(isErrorLike)) return { cause: packed }
    const others: Array<SerializedValue> = []
    for (const other of errors) if (!isDeep()) others.push(this.pack(other, depth + 1))
    return { cause: packed, errors: others }
  }
}

/** A defect, or a cause, as it goes out. */
const serializeDefect = (defect: unknown, boundary: Boundary): SerializedValue =>
  new DefectSerializer(boundary).pack(defect)

/** A typed error as it goes out; undefined where it is a value that cannot cross. */
function packFailure(error: unknown, boundary: Boundary): SerializedValue | undefined {
  if (isErrorOfAnyRealm(error)) {
    const packer = new DefectSerializer(boundary)
    const { name, message, stack } = packer.packError(error, deepestCause)
    const whole = textOf(readField(error, 'message')) ?? message
    const fields = fieldsOf(error, boundary)
    return { error: { name, message: whole, stack, fields, ...packer.within(error, 0) } }
  }
  if (findUncloneable(error, boundary) === undefined) return { value: error }
  const isTagged = typeof error === 'object' && error !== null && typeof readField(error, '_tag') === 'string'
  return isTagged ? { value: fieldsOf(error, boundary) } : undefined
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
function deserialize(packed: SerializedValue): unknown {
  if (!('error' in packed)) return packed.value
  const { name, message, stack, fields, cause, errors } = packed.error
  const error = new (builtIn(name))(message, cause === undefined ? undefined : { cause: deserialize(cause) })
  if (errors !== undefined) define(error, 'errors', errors.map(deserialize), false)
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
const unfit = (message: string): DecodeError => {
  const error = new DecodeError([])
  error.message = message
  return error
}

const problemOf = ({ problem, message, cause }: ExecutorError, boundary: Boundary): SerializedReason => ({
  _tag: 'Problem',
  problem,
  message,
  cause: cause === undefined ? undefined : serializeDefect(cause, boundary)
})

/** Why a value cannot cross, for a person; undefined where it can. */
export function cannotCross(what: string, value: unknown, boundary: Boundary): string | undefined {
  const obstacle = findUncloneable(value, boundary)
  if (obstacle === undefined) return undefined
  if (boundary === 'clone') return `${what} cannot be copied: ${obstacle.what}`
  const part = obstacle.path === '' ? `is ${obstacle.what}` : `has ${obstacle.what} at ${obstacle.path}`
  return `${what} ${part}, which JSON does not carry: let a codec of the job encode it`
}

function packReason(reason: Reason<unknown>, boundary: Boundary): SerializedReason {
  if (reason._tag === 'Die') return { _tag: 'Die', defect: serializeDefect(reason.defect, boundary) }
  if (reason._tag === 'Interrupt') return { _tag: 'Interrupt' }
  const { error } = reason
  if (error instanceof DecodeError) return { _tag: 'Unfit', message: error.message }
  if (error instanceof ExecutorError) return problemOf(error, boundary)
  const packed = packFailure(error, boundary)
  if (packed !== undefined) return { _tag: 'Fail', error: packed }
  const message = cannotCross('the error of the job', error, boundary) ?? 'the error of the job cannot cross'
  return problemOf(new ExecutorError('NotCloneable', message), boundary)
}

/** A cause as it goes out. */
export const serializeCause = (cause: Cause<unknown>, boundary: Boundary = 'clone'): SerializedExit => ({
  reasons: cause.reasons.map((reason) => packReason(reason, boundary)),
  trace: cause.trace
})

/**
 * The serialized form of an Exit. A value is taken as it is: the sender must check whether it can cross the
 * boundary.
 */
export const serializeExit = (exit: AnyExit, boundary: Boundary = 'clone'): SerializedExit =>
  exit._tag === 'Right' ? { value: exit.right } : serializeCause(exit.left, boundary)

/** In characters. */
const shortText = 200

const abridge = (packed: SerializedValue): SerializedValue => {
  if (!('error' in packed)) return packed
  const { name, message, fields } = packed.error
  return {
    error: { name, message: message.slice(0, shortText), stack: undefined, fields, cause: undefined }
  }
}

/**
 * A shorter form of a serialized Exit, with only name and message of defects: if the whole is too large to be
 * sent, a defect still stays a defect.
 */
export const abridgedExit = (exit: SerializedExit): SerializedExit =>
  'value' in exit
    ? exit
    : {
        reasons: exit.reasons.map((reason) =>
          reason._tag === 'Die' ? { _tag: 'Die', defect: abridge(reason.defect) } : reason
        ),
        trace: []
      }

const unpackReason = (reason: SerializedReason): Reason<unknown> => {
  switch (reason._tag) {
    case 'Fail':
      return { _tag: 'Fail', error: deserialize(reason.error) }
    case 'Die':
      return { _tag: 'Die', defect: deserialize(reason.defect) }
    case 'Unfit':
      return { _tag: 'Fail', error: unfit(reason.message) }
    case 'Problem': {
      const cause = reason.cause === undefined ? undefined : deserialize(reason.cause)
      return { _tag: 'Fail', error: new ExecutorError(reason.problem, reason.message, cause) }
    }
    default:
      return { _tag: 'Interrupt', by: none, result: none }
  }
}

/** The Exit of a serialized one. */
export const deserializeExit = (exit: SerializedExit): AnyExit => {
  if ('value' in exit) return right(exit.value)
  const [first, ...others] = exit.reasons.map(unpackReason)
  // An empty list is nothing that this library sends.
  if (first === undefined)
    return left({ reasons: [{ _tag: 'Die', defect: new Error('a job ended without a reason') }], trace: [] })
  return left({ reasons: [first, ...others], trace: exit.trace })
}
