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
 * How a job ended, as Redis stores it: a SerializedExit in JSON, which does not have undefined, so that `ok`
 * without a value is undefined. `isCancelled` where the job was stopped because a caller gave it up: calls of
 * other processes that wait for the same id begin it anew.
 */
export type StoredExit = (
  | { readonly ok: true; readonly value?: unknown }
  | Exclude<SerializedExit, { value: unknown }>
) & { readonly isCancelled?: boolean }

/** The same, once it has been read. */
export type ClusterExit = SerializedExit & { readonly isCancelled?: boolean }

export const storedExitOf = (exit: SerializedExit): StoredExit =>
  'value' in exit ? { ok: true, value: exit.value } : exit

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
const deepestExit = 32

/** As many errors as may be within one error that is read. */
const mostReadErrors = 100

const isWireText = (value: unknown): boolean => typeof value === 'string'

const isSerializedError = (error: unknown, depth: number): boolean =>
  isWireObject(error) &&
  isWireText(error.name) &&
  isWireText(error.message) &&
  (error.stack === undefined || isWireText(error.stack)) &&
  isWireObject(error.fields) &&
  (error.errors === undefined || (Array.isArray(error.errors) && areErrors(error.errors, depth))) &&
  (error.cause === undefined || (depth < deepestExit && isSerializedValue(error.cause, depth + 1)))

const areErrors = (errors: ReadonlyArray<unknown>, depth: number): boolean =>
  errors.length <= mostReadErrors &&
  depth < deepestExit &&
  errors.every((error) => isSerializedValue(error, depth + 1))

/** A value that JSON cannot write is left out. */
function isSerializedValue(value: unknown, depth = 0): boolean {
  return isWireObject(value) && (!Object.hasOwn(value, 'error') || isSerializedError(value.error, depth))
}

const isReason = (reason: unknown): boolean =>
  isWireObject(reason) &&
  (reason._tag === 'Interrupt' ||
    (reason._tag === 'Fail' && isSerializedValue(reason.error)) ||
    (reason._tag === 'Die' && isSerializedValue(reason.defect)) ||
    (reason._tag === 'Unfit' && isWireText(reason.message)) ||
    (reason._tag === 'Problem' &&
      isWireText(reason.problem) &&
      isWireText(reason.message) &&
      (reason.cause === undefined || isSerializedValue(reason.cause))))

/** Safe because the shape has been looked at. */
const exitFrom = (stored: object): ClusterExit => stored as ClusterExit

export function readExit(stored: unknown): ClusterExit {
  if (isWireObject(stored)) {
    if (stored.ok === true) return { value: stored.value }
    const { reasons, trace } = stored
    if (Array.isArray(reasons) && reasons.length > 0 && reasons.every(isReason)) {
      const names = Array.isArray(trace) && trace.every(isWireText) ? trace : []
      return exitFrom({ reasons, trace: names, isCancelled: stored.isCancelled === true })
    }
  }
  return problem('Refused', 'the worker answered in a way that this version does not know')
}

/** Between the words for people and the exit. */
const seam = '\n{"reasons":'

/**
 * What is kept of a job that was given up: a line for people, as other tools for BullMQ show it, and behind
 * it the exit.
 */
export const failedReasonOf = (exit: StoredExit): string => `${headline(exit)}\n${JSON.stringify(exit)}`

function headline(exit: StoredExit): string {
  if ('ok' in exit) return 'ended'
  const [first] = exit.reasons
  switch (first?._tag) {
    case 'Problem':
      return `${first.problem}: ${quote(first.message)}`
    case 'Die':
      return `died of a defect: ${failureLineOf(first.defect)}`
    case 'Fail':
      return `failed: ${failureLineOf(first.error)}`
    default:
      return 'ended'
  }
}

const failureLineOf = (failure: SerializedValue): string =>
  'error' in failure
    ? `${quoteName(failure.error.name)}: ${quote(failure.error.message)}`
    : quote(JSON.stringify(failure.value) ?? 'undefined')

/**
 * The exit of a job that was given up. Anything else is what BullMQ says of a job with which workers have
 * died.
 */
export function readFailedReason(text: unknown): ClusterExit {
  const words = typeof text === 'string' ? text : ''
  const at = words.indexOf(seam)
  if (at >= 0) {
    try {
      return readExit(JSON.parse(words.slice(at + 1)))
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

/** The channel on which callers request the interruption of jobs. */
export const cancelChannel = (prefix: string, queue: string): string => `${prefix}:${queue}:aio-ts:cancel`

/** The event by which a caller informs the others of a job that it has removed, and that will get no answer. */
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
