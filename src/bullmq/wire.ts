/**
 * What callers and workers write into Redis for one another, as JSON. Whatever is read from there is looked
 * at first: anybody may have written it, also another version of this.
 */
import type { ExecutorError } from '../data/errors.js'
import { quote, quoteName } from '../data/quote.js'
import type { Form } from '../executor/codecs.js'
import type { SerializedExit, SerializedValue } from '../executor/serialize-exit.js'

/** The payload of a job. */
export interface Payload {
  readonly version: 1
  readonly form: Form
  readonly input: unknown
  /** The hard time limit of each run, in ms. */
  readonly maxMs?: number
  /** Whether the caller has given the job up: a worker that takes it does not run it. */
  readonly isCancelled?: boolean
}

/**
 * How a job ended. `ok` without a value is undefined, which JSON does not have. `isCancelled` where it was
 * stopped because a caller gave it up: calls of other processes that wait for the same id begin it anew.
 */
export type WorkerAnswer = (
  | { readonly ok: true; readonly value?: unknown }
  | Exclude<SerializedExit, { value: unknown }>
) & { readonly isCancelled?: boolean }

/** An answer that has been read. */
export type ToldEnd = SerializedExit & { readonly isCancelled?: boolean }

export const answerOf = (outcome: SerializedExit): WorkerAnswer =>
  'value' in outcome ? { ok: true, value: outcome.value } : outcome

const isWireObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

export function readPayload(data: unknown): Payload | undefined {
  if (!isWireObject(data) || data.version !== 1 || (data.form !== 'encoded' && data.form !== 'plain'))
    return undefined
  const { form, input, maxMs, isCancelled } = data
  if (maxMs !== undefined && !(typeof maxMs === 'number' && maxMs >= 0)) return undefined
  return {
    version: 1,
    form,
    input,
    ...(maxMs === undefined ? {} : { maxMs }),
    isCancelled: isCancelled === true
  }
}

/** As deep as a chain of causes may be that is read; what this version writes is not as deep. */
const deepestAnswer = 32

/** As many errors as may be within one error that is read. */
const mostReadErrors = 100

const isWireText = (value: unknown): boolean => typeof value === 'string'

const isPackedError = (error: unknown, depth: number): boolean =>
  isWireObject(error) &&
  isWireText(error.name) &&
  isWireText(error.message) &&
  (error.stack === undefined || isWireText(error.stack)) &&
  isWireObject(error.fields) &&
  (error.errors === undefined || (Array.isArray(error.errors) && areErrors(error.errors, depth))) &&
  (error.cause === undefined || (depth < deepestAnswer && isPacked(error.cause, depth + 1)))

const areErrors = (errors: ReadonlyArray<unknown>, depth: number): boolean =>
  errors.length <= mostReadErrors &&
  depth < deepestAnswer &&
  errors.every((error) => isPacked(error, depth + 1))

/** A value that JSON cannot write is left out. */
function isPacked(packed: unknown, depth = 0): boolean {
  return isWireObject(packed) && (!Object.hasOwn(packed, 'error') || isPackedError(packed.error, depth))
}

const isReason = (reason: unknown): boolean =>
  isWireObject(reason) &&
  (reason._tag === 'Interrupt' ||
    (reason._tag === 'Fail' && isPacked(reason.error)) ||
    (reason._tag === 'Die' && isPacked(reason.defect)) ||
    (reason._tag === 'Unfit' && isWireText(reason.message)) ||
    (reason._tag === 'Problem' &&
      isWireText(reason.problem) &&
      isWireText(reason.message) &&
      (reason.cause === undefined || isPacked(reason.cause))))

/** Safe because the shape has been looked at. */
const toldFrom = (answer: object): ToldEnd => answer as ToldEnd

export function readAnswer(answer: unknown): ToldEnd {
  if (isWireObject(answer)) {
    if (answer.ok === true) return { value: answer.value }
    const { reasons, trace } = answer
    if (Array.isArray(reasons) && reasons.length > 0 && reasons.every(isReason)) {
      const names = Array.isArray(trace) && trace.every(isWireText) ? trace : []
      return toldFrom({ reasons, trace: names, isCancelled: answer.isCancelled === true })
    }
  }
  return problem('Refused', 'the worker answered in a way that this version does not know')
}

/** Between the words for people and the answer. */
const seam = '\n{"reasons":'

/**
 * What is kept of a job that was given up: a line for people, as other tools for BullMQ show it, and behind
 * it the answer.
 */
export const failedReasonOf = (answer: WorkerAnswer): string =>
  `${headline(answer)}\n${JSON.stringify(answer)}`

function headline(answer: WorkerAnswer): string {
  if ('ok' in answer) return 'ended'
  const [first] = answer.reasons
  switch (first?._tag) {
    case 'Problem':
      return `${first.problem}: ${quote(first.message)}`
    case 'Die':
      return `died of a defect: ${answerLineOf(first.defect)}`
    case 'Fail':
      return `failed: ${answerLineOf(first.error)}`
    default:
      return 'ended'
  }
}

const answerLineOf = (packed: SerializedValue): string =>
  'error' in packed
    ? `${quoteName(packed.error.name)}: ${quote(packed.error.message)}`
    : quote(JSON.stringify(packed.value) ?? 'undefined')

/**
 * The answer of a job that was given up. Anything else is what BullMQ says of a job with which workers have
 * died.
 */
export function readFailure(text: unknown): ToldEnd {
  const words = typeof text === 'string' ? text : ''
  const at = words.indexOf(seam)
  if (at >= 0) {
    try {
      return readAnswer(JSON.parse(words.slice(at + 1)))
    } catch {
      // It only looks like one.
    }
  }
  return problem('Crashed', `every worker that took the job ended in the middle of it: ${quote(words)}`)
}

export const problem = (kind: ExecutorError['problem'], message: string): SerializedExit => ({
  reasons: [{ _tag: 'Problem', problem: kind, message, cause: undefined }],
  trace: []
})

/** The channel on which callers tell workers whom to interrupt. */
export const cancelChannel = (prefix: string, queue: string): string => `${prefix}:${queue}:aio-ts:cancel`

/** The event by which a caller tells the others of a job that it has removed: nobody will answer for it. */
export const cancelledEvent = 'aio-ts:cancelled'

/** The id in Redis of a caller's own id. It contains no colon, which BullMQ reserves. */
export const redisJobIdOf = (jobId: string): string => `id-${encodeURIComponent(jobId)}`

/** The caller's own id of a job, where it has one. */
export function jobIdOf(id: string): string | undefined {
  if (!id.startsWith('id-')) return undefined
  try {
    return decodeURIComponent(id.slice(3))
  } catch {
    // None of ours.
    return undefined
  }
}
