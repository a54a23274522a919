/** How a fiber or a task ended, as traces and metrics tell it. */
import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api'
import { describe } from '../data/describe.js'
import type { Cause, Exit } from '../index.js'

/** The value of the attribute `aio.outcome`. */
export type Outcome = 'success' | 'failure' | 'defect' | 'interruption'

/** In one word what `runTask` would have made of it: a defect before all else, a failure where there is nothing but that. */
export function outcomeOf(exit: Exit.Exit<unknown, unknown>): Outcome {
  if (exit._tag === 'Right') return 'success'
  const { reasons } = exit.left
  if (reasons.some(({ _tag }) => _tag === 'Die')) return 'defect'
  return reasons.every(({ _tag }) => _tag === 'Fail') ? 'failure' : 'interruption'
}

/** The kind of an error, of which there are few: its `_tag`, or its name. */
function typeOf(error: unknown): string {
  try {
    const { _tag, name } = Object(error)
    if (typeof _tag === 'string') return _tag
    if (error instanceof Error && typeof name === 'string' && name !== '') return name
  } catch {
    // A getter that throws: nothing can be said of it.
  }
  return '_OTHER'
}

const messageOf = (error: unknown): string =>
  error instanceof Error && typeof error.message === 'string' ? error.message : describe(error)

const exceptionOf = (error: unknown): Error | { readonly name: string; readonly message: string } =>
  error instanceof Error ? error : { name: typeOf(error), message: messageOf(error) }

function interruptedAttributes({ by, result }: Cause.Interrupt): Attributes {
  const attributes: Attributes = {}
  if (by._tag === 'Some') attributes['aio.interrupted.by'] = by.value
  if (result._tag === 'Some') attributes['aio.interrupted.result'] = outcomeOf(result.value)
  return attributes
}

/** The defects in what an interruption carries: as much a bug as any other. */
const carriedDefects = ({ result }: Cause.Interrupt): ReadonlyArray<Cause.Reason<unknown>> =>
  result._tag === 'Some' && result.value._tag === 'Left'
    ? result.value.left.reasons.flatMap((reason) =>
        reason._tag === 'Interrupt' ? carriedDefects(reason) : reason._tag === 'Die' ? [reason] : []
      )
    : []

/** Tells `span` how what it stands for has ended: an event for each reason, in order, and a status. Does not end it. */
export function tellOutcome(span: Span, exit: Exit.Exit<unknown, unknown>): void {
  span.setAttribute('aio.outcome', outcomeOf(exit))
  if (exit._tag === 'Right') return
  let isError = false
  const tell = (reason: Cause.Reason<unknown>): void => {
    if (reason._tag === 'Interrupt') {
      span.addEvent('aio.interrupted', interruptedAttributes(reason))
      for (const defect of carriedDefects(reason)) tell(defect)
      return
    }
    const error = reason._tag === 'Fail' ? reason.error : reason.defect
    span.recordException(exceptionOf(error))
    if (isError) return
    // The first one is what went wrong; what follows went wrong while cleaning up after it.
    isError = true
    span.setAttribute('error.type', typeOf(error))
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
  }
  for (const reason of exit.left.reasons) tell(reason)
}
