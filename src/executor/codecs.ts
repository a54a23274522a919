/**
 * Values at a boundary: what the sender checks and encodes, and what the receiver decodes.
 *
 * `encode` of io-ts checks nothing, so a value is first asked whether it fits. Codecs are users' functions:
 * what they throw is a defect, so each of these is called within a Task.
 */
import type * as t from 'io-ts'
import { left, right } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { Cause, Reason } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { DecodeError } from '../io-ts/decode-error.js'
import type { AnyExit } from './any-exit.js'
import { noteDeclared } from './find-uncloneable.js'
import type { JobCodecs } from './job.js'

/** Why a value does not fit, in the codec's own words where it has some. */
const misfit = (codec: t.Mixed, value: unknown): DecodeError => {
  const decoded = codec.decode(value)
  if (decoded._tag === 'Left') return new DecodeError(decoded.left)
  // It is what the codec would decode, and not what it decodes to.
  return new DecodeError([{ value, context: [{ key: '', type: codec, actual: value }] }])
}

/** Undefined where it fits. */
export const unfitFor = (codec: t.Mixed, value: unknown): DecodeError | undefined =>
  codec.is(value) ? undefined : misfit(codec, value)

/** The encoded form, or the DecodeError if the value does not fit. */
export const encodeWith = (codec: t.Mixed, value: unknown): Exit<DecodeError, unknown> => {
  const wrong = unfitFor(codec, value)
  return wrong === undefined ? right(codec.encode(value)) : left(Reasons.fail(wrong))
}

/** The value of an encoded form, or the DecodeError if it does not fit. */
export const decodeWith = (codec: t.Mixed, encoded: unknown): Exit<DecodeError, unknown> => {
  const decoded = codec.decode(encoded)
  return decoded._tag === 'Right' ? decoded : left(Reasons.fail(new DecodeError(decoded.left)))
}

/** `encoded`: both sides have the codecs. `plain`: the caller has none, and sends the values as they are. */
export type Form = 'encoded' | 'plain'

/** The Exit of a job as the worker sends it: values encoded, or unchanged if they fit. */
export function exitToSend(codecs: JobCodecs, form: Form, exit: AnyExit): AnyExit {
  const send = (codec: t.Mixed, value: unknown): AnyExit => {
    if (form === 'encoded') return encodeWith(codec, value)
    const wrong = unfitFor(codec, value)
    return wrong === undefined ? right(value) : left(Reasons.fail(wrong))
  }
  if (exit._tag === 'Right') return send(codecs.output, exit.right)
  return mapTypedFailures(exit.left, (error) => {
    // What the library itself says goes as it is.
    if (error instanceof ExecutorError) return error
    if (codecs.error === undefined) return undeclared(error)
    const sent = send(codecs.error, error)
    if (sent._tag === 'Left') return Reasons.failures(sent.left)[0]
    noteDeclared(codecs.error, sent.right)
    return sent.right
  })
}

/**
 * The Exit of a job as the caller receives it: decoded if the caller has the codecs and the values were
 * encoded.
 */
export function exitReceived(codecs: JobCodecs, exit: AnyExit): AnyExit {
  if (exit._tag === 'Right') return decodeWith(codecs.output, exit.right)
  return mapTypedFailures(exit.left, (error) => {
    if (error instanceof ExecutorError || error instanceof DecodeError) return error
    // Who ran it has other codecs than the caller.
    if (codecs.error === undefined) return undeclared(error)
    const received = decodeWith(codecs.error, error)
    return received._tag === 'Right' ? received.right : Reasons.failures(received.left)[0]
  })
}

const undeclared = (error: unknown): ExecutorError =>
  new ExecutorError('NotCloneable', 'the job failed with an error for which it declares no codec', error)

/** Each typed failure replaced; the other reasons, and the order, stay. */
function mapTypedFailures(cause: Cause<unknown>, f: (error: unknown) => unknown): Exit<unknown, never> {
  const [first, ...others] = cause.reasons.map(
    (reason): Reason<unknown> => (reason._tag === 'Fail' ? { _tag: 'Fail', error: f(reason.error) } : reason)
  )
  return left(first === undefined ? cause : { reasons: [first, ...others], trace: cause.trace })
}
