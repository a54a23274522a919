/**
 * What callers and workers write into Redis for one another, as JSON. Whatever is read from there is looked at first: anybody may
 * have written it, also another version of this.
 */
import type { ExecutorError } from '../data/errors.js'
import type { Form } from '../executor/crossing.js'
import type { Outcome } from '../executor/portable.js'

/** The payload of a job. */
export interface Payload {
  readonly version: 1
  readonly form: Form
  readonly input: unknown
  /** Whether the caller has given it up: whoever finds it does not run it. */
  readonly isCancelled?: boolean
}

/** How a job ended. `ok` without a value is undefined, which JSON does not have. */
export type Answer = { readonly ok: true; readonly value?: unknown } | Exclude<Outcome, { value: unknown }>

export const answerOf = (outcome: Outcome): Answer =>
  'value' in outcome ? { ok: true, value: outcome.value } : outcome

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

export function readPayload(data: unknown): Payload | undefined {
  if (!isObject(data) || data.version !== 1 || (data.form !== 'encoded' && data.form !== 'plain'))
    return undefined
  return { version: 1, form: data.form, input: data.input, isCancelled: data.isCancelled === true }
}

const isReason = (reason: unknown): boolean =>
  isObject(reason) &&
  (reason._tag === 'Interrupt' ||
    (reason._tag === 'Fail' && isObject(reason.error)) ||
    (reason._tag === 'Die' && isObject(reason.defect)) ||
    ((reason._tag === 'Unfit' || reason._tag === 'Problem') && typeof reason.message === 'string'))

/** Holds because the shape has been looked at. */
const outcomeFrom = (answer: object): Outcome => answer as Outcome

export function readAnswer(answer: unknown): Outcome {
  if (isObject(answer)) {
    if (answer.ok === true) return { value: answer.value }
    if (Array.isArray(answer.reasons) && answer.reasons.length > 0 && answer.reasons.every(isReason)) {
      return outcomeFrom({ reasons: answer.reasons, trace: Array.isArray(answer.trace) ? answer.trace : [] })
    }
  }
  return problem('Refused', 'the worker answered in a way that this version does not know')
}

export const problem = (kind: ExecutorError['problem'], message: string): Outcome => ({
  reasons: [{ _tag: 'Problem', problem: kind, message, cause: undefined }],
  trace: []
})

/** The channel on which callers tell workers whom to interrupt. */
export const cancelChannel = (prefix: string, queue: string): string => `${prefix}:${queue}:aio-ts:cancel`

export const defaultPrefix = 'bull'

/** Ids of callers' own; a colon, which BullMQ keeps for itself, is none of it. */
export const idOf = (jobId: string): string => `id-${encodeURIComponent(jobId)}`
