/**
 * Jobs that were given up: BullMQ's failed jobs, which are kept for people to look at and to send again.
 *
 * A job that ended as its type says is completed, whatever its answer is. It is given up where it should not
 * have ended so: workers have died with it too often, it has exceeded its hard limit, its retries are
 * exhausted, it died of a defect, or no worker knows it. Its exit is in BullMQ's `failedReason`, behind a
 * line for people, so that other tools for BullMQ show something that can be read.
 */
import type { Queue } from 'bullmq'
import { ExecutorError } from '../data/errors.js'
import type { Cause } from '../data/reasons.js'
import type { AnyExit } from '../executor/any-exit.js'
import { deserializeExit } from '../executor/serialize-exit.js'
import { DecodeError } from '../io-ts/decode-error.js'
import type { Client } from './connections.js'
import { jobIdOf, readFailedReason, readPayload } from './wire.js'

/** A job that was given up. */
export interface GivenUpJob {
  /** Names it for `sendAgain`. */
  readonly id: string
  /** What the call named it, if it did. */
  readonly jobId: string | undefined
  readonly name: string
  /** As it was sent: encoded, where the job's codec changes values. */
  readonly input: unknown
  /** Why it was given up, as the call was answered. */
  readonly cause: Cause<unknown>
  /** When, in milliseconds since 1970 by the clock of the worker. */
  readonly at: number
  /** How often a worker has started it. */
  readonly starts: number
}

/** Which of them to list, the newest first. */
export interface GivenUpRange {
  /** How many to leave out at the beginning; 0 if left out. */
  readonly from?: number
  /** How many at most; 100 if left out. */
  readonly count?: number
}

/** Whether a worker gives a job up that ended so. */
export const isGivenUp = (exit: AnyExit, isRetried: boolean): boolean =>
  exit._tag === 'Left' &&
  exit.left.reasons.some((reason) => {
    if (reason._tag !== 'Fail') return reason._tag === 'Die'
    const { error } = reason
    if (error instanceof ExecutorError) return error.problem === 'TimedOut'
    // What does not fit its codec does not fit the next time either.
    return isRetried && !(error instanceof DecodeError)
  })

/** The field of a job in which its returns are counted. */
export const returnsField = 'aio-ts:returns'

const fields = ['name', 'data', 'failedReason', 'finishedOn', 'ats'] as const

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // Anybody may have written it.
    return undefined
  }
}

const numberFrom = (text: string | null | undefined): number => {
  const number = Number(text ?? 0)
  return Number.isFinite(number) ? number : 0
}

function jobFrom(id: string, record: ReadonlyArray<string | null>): GivenUpJob | undefined {
  const [name, data, failedReason, finishedOn, starts] = record
  // Removed since the ids were listed.
  if (name === null || name === undefined) return undefined
  const exit = deserializeExit(readFailedReason(failedReason))
  if (exit._tag === 'Right') return undefined
  return {
    id,
    jobId: jobIdOf(id),
    name,
    input: readPayload(parsed(data ?? ''))?.input,
    cause: exit.left,
    at: numberFrom(finishedOn),
    starts: numberFrom(starts)
  }
}

export async function listGivenUp(
  client: Client,
  keyOf: (name: string) => string,
  { from = 0, count = 100 }: GivenUpRange
): Promise<ReadonlyArray<GivenUpJob>> {
  if (count === 0) return []
  const ids = await client.zrevrange(keyOf('failed'), from, from + count - 1)
  const records = await Promise.all(ids.map((id) => client.hmget(keyOf(id), ...fields)))
  return ids.flatMap((id, index) => jobFrom(id, records[index] ?? []) ?? [])
}

const notGivenUp = (id: string): ExecutorError =>
  new ExecutorError('Lost', `there is no job ${JSON.stringify(id)} among those that were given up`)

/** Puts a job back into the queue as if it had never been started. */
export async function sendAgain(client: Client, queue: Queue, id: string): Promise<void> {
  if ((await client.zscore(queue.toKey('failed'), id)) === null) throw notGivenUp(id)
  const job = await queue.getJob(id)
  if (job === undefined) throw notGivenUp(id)
  const payload = readPayload(job.data)
  // What a caller that has gone has written must not stop it now.
  if (payload?.isCancelled === true) await job.updateData({ ...payload, isCancelled: false })
  // BullMQ would keep what it counts against the job: how often it has stalled, and that it is to fail.
  await client.hdel(queue.toKey(id), 'stc', 'defa', returnsField)
  try {
    await job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
  } catch (thrown) {
    // Sent again by somebody else in the meantime.
    if ((await client.zscore(queue.toKey('failed'), id)) === null) throw notGivenUp(id)
    throw thrown
  }
}
