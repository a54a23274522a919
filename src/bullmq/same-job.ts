/** Calls of one `jobId` are one job: what Redis has under an id, compared with what a call asks for. */
import { isDeepStrictEqual } from 'node:util'
import { quote, quoteName } from '../data/quote.js'
import type { SerializedExit } from '../executor/serialize-exit.js'
import type { Client } from './connections.js'
import { problem, readPayload } from './wire.js'

/** What a call asks for. */
export interface NamedCall {
  readonly name: string
  readonly jobId: string
  readonly input: unknown
}

/**
 * 'same': the job of that call. 'other input': it has another input, and 'stopping' where a caller has given
 * that up: then the job of the call is to run in its place. 'forgotten': a job that was given up, too long
 * ago to be an answer. An exit: a job of another name.
 */
export type Comparison = 'same' | 'other input' | 'stopping' | 'forgotten' | SerializedExit

const otherName = ({ jobId, name }: NamedCall, found: string): SerializedExit =>
  problem(
    'Refused',
    `the jobId ${quote(jobId)} is that of a job ${quoteName(found)}, and not ${quoteName(name)}`
  )

export const otherInput = ({ jobId, name }: NamedCall): SerializedExit =>
  problem(
    'Refused',
    `the jobId ${quote(jobId)} is that of a job ${quoteName(name)} with another input: an id names one job with one input`
  )

export async function compareJob(
  client: Client,
  key: string,
  call: NamedCall,
  keepMs: number
): Promise<Comparison> {
  const record = await client.hmget(key, 'name', 'data', 'failedReason', 'finishedOn')
  const [name, data, failedReason, finishedOn] = record
  if (typeof failedReason === 'string' && Date.now() - Number(finishedOn) > keepMs) return 'forgotten'
  if (typeof name === 'string' && name !== call.name) return otherName(call, name)
  const payload = typeof data === 'string' ? payloadFrom(data) : undefined
  // Not what we have written: its end says so.
  if (payload === undefined || isDeepStrictEqual(payload.input, asWritten(call.input))) return 'same'
  return payload.isCancelled === true ? 'stopping' : 'other input'
}

function payloadFrom(data: string): ReturnType<typeof readPayload> {
  try {
    return readPayload(JSON.parse(data))
  } catch {
    return undefined
  }
}

const asWritten = (input: unknown): unknown =>
  input === undefined ? undefined : JSON.parse(JSON.stringify(input))
