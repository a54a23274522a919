/** How a job ended, as its worker writes it into Redis. */
import { left } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import { quoteName } from '../data/quote.js'
import * as Reasons from '../data/reasons.js'
import type { AnyExit } from '../executor/any-exit.js'
import { abridgedExit, cannotCross, serializeExit } from '../executor/serialize-exit.js'
import { type StoredExit, storedExitOf } from './wire.js'

const problemToStore = (problem: 'NotCloneable' | 'TooLarge', words: string): StoredExit =>
  storedExitOf(serializeExit(left(Reasons.fail(new ExecutorError(problem, words)))))

const bytesOf = (exit: StoredExit): number => Buffer.byteLength(JSON.stringify(exit))

/**
 * How a job ended; in its place an error where that cannot be written, or has more than `maxBytes` as JSON.
 */
export function exitToStore(name: string, exit: AnyExit, maxBytes: number): StoredExit {
  const job = `the job ${quoteName(name)}`
  const words = exit._tag === 'Right' ? cannotCross(`the result of ${job}`, exit.right, 'json') : undefined
  if (words !== undefined) return problemToStore('NotCloneable', words)
  const serialized = serializeExit(exit, 'json')
  const stored = storedExitOf(serialized)
  const bytes = bytesOf(stored)
  if (bytes <= maxBytes) return stored
  const short = storedExitOf(abridgedExit(serialized))
  return bytesOf(short) <= maxBytes
    ? short
    : problemToStore('TooLarge', `${job} ended with ${bytes} bytes, more than ${maxBytes}`)
}
