/** Records how a fiber or a Task ended on spans and in metric attributes. */
import { type Attributes, type Exception, type Span, SpanStatusCode } from '@opentelemetry/api'
import { describeError } from '../data/describe.js'
import { isError, read, readText, shortened } from '../data/read-error.js'
import type { Cause, Exit } from '../index.js'

/** The value of the attribute `aio.outcome`. */
export type OutcomeAttribute = 'success' | 'failure' | 'defect' | 'interruption'

/**
 * Reduces an exit to one word, by the rules of `runTask`: a defect takes precedence, and it is a failure only
 * if every reason is a failure.
 */
export function outcomeAttributeOf(exit: Exit.Exit<unknown, unknown>): OutcomeAttribute {
  if (exit._tag === 'Right') return 'success'
  const { reasons } = exit.left
  if (reasons.some(({ _tag }) => _tag === 'Die')) return 'defect'
  return reasons.every(({ _tag }) => _tag === 'Fail') ? 'failure' : 'interruption'
}

/** Returns the low-cardinality type of an error: its `_tag`, or its name. Never throws. */
function typeOf(error: unknown): string {
  const tag = readText(error, '_tag')
  if (tag !== undefined) return shortened(tag, mostOfMessage)
  const name = isError(error) ? readText(error, 'name') : undefined
  return name === undefined || name === '' ? '_OTHER' : shortened(name, mostOfMessage)
}

/**
 * Maximum message length in characters. More is of no use in a trace, and some backends reject a span because
 * of it.
 */
const mostOfMessage = 4000

/** Returns the message of an error, or a description of any other value. Never throws. */
const attributeMessageOf = (error: unknown): string =>
  shortened(
    isError(error) ? (readText(error, 'message') ?? 'the message cannot be read') : describeError(error),
    mostOfMessage
  )

/** Copies the fields of an error that an SDK reads, so that no getter can throw in the SDK. */
function exceptionOf(error: unknown): Exception {
  const exception = { name: typeOf(error), message: attributeMessageOf(error) }
  if (!isError(error)) return exception
  const stack = readText(error, 'stack')
  const code = read(error, 'code')
  return {
    name: shortened(readText(error, 'name') ?? 'Error', mostOfMessage),
    message: exception.message,
    ...(stack !== undefined && { stack: shortened(stack) }),
    ...((typeof code === 'string' || typeof code === 'number') && { code })
  }
}

function interruptedAttributes({ by, result }: Cause.Interrupt): Attributes {
  const attributes: Attributes = {}
  if (by._tag === 'Some') attributes['aio.interrupted.by'] = by.value
  if (result._tag === 'Some') attributes['aio.interrupted.result'] = outcomeAttributeOf(result.value)
  return attributes
}

/** Returns the defects in the late result of an interruption: they are bugs like any other defect. */
const carriedDefects = ({ result }: Cause.Interrupt): ReadonlyArray<Cause.Reason<unknown>> =>
  result._tag === 'Some' && result.value._tag === 'Left'
    ? result.value.left.reasons.flatMap((reason) =>
        reason._tag === 'Interrupt' ? carriedDefects(reason) : reason._tag === 'Die' ? [reason] : []
      )
    : []

/** Records `exit` on `span`: an event for each reason, in order, and a status. Does not end the span. */
export function tellOutcome(span: Span, exit: Exit.Exit<unknown, unknown>): void {
  span.setAttribute('aio.outcome', outcomeAttributeOf(exit))
  if (exit._tag === 'Right') return
  let isError = false
  const add = (reason: Cause.Reason<unknown>): void => {
    if (reason._tag === 'Interrupt') {
      span.addEvent('aio.interrupted', interruptedAttributes(reason))
      for (const defect of carriedDefects(reason)) add(defect)
      return
    }
    const error = reason._tag === 'Fail' ? reason.error : reason.defect
    span.recordException(exceptionOf(error))
    if (isError) return
    // The first error is the primary one. Later errors occurred while it was cleaned up.
    isError = true
    span.setAttribute('error.type', typeOf(error))
    span.setStatus({ code: SpanStatusCode.ERROR, message: attributeMessageOf(error) })
  }
  for (const reason of exit.left.reasons) add(reason)
}
