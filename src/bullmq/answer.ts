/** The answer of a worker, as it is written into Redis. */
import { left } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { quoteName } from '../data/quote.js'
import * as Reasons from '../data/reasons.js'
import { abridgedExit, cannotCross, serializeExit } from '../executor/serialize-exit.js'
import { answerOf, type WorkerAnswer } from './wire.js'

const failedAnswer = (problem: 'NotCloneable' | 'TooLarge', words: string): WorkerAnswer =>
  answerOf(serializeExit(left(Reasons.fail(new ExecutorError(problem, words)))))

const bytesOf = (answer: WorkerAnswer): number => Buffer.byteLength(JSON.stringify(answer))

/**
 * How a job ended; in its place an error where that cannot be written, or has more than `maxBytes` as JSON.
 */
export function answerFor(name: string, exit: Exit<unknown, unknown>, maxBytes: number): WorkerAnswer {
  const job = `the job ${quoteName(name)}`
  const words = exit._tag === 'Right' ? cannotCross(`the result of ${job}`, exit.right, 'json') : undefined
  if (words !== undefined) return failedAnswer('NotCloneable', words)
  const outcome = serializeExit(exit, 'json')
  const answer = answerOf(outcome)
  const bytes = bytesOf(answer)
  if (bytes <= maxBytes) return answer
  const short = answerOf(abridgedExit(outcome))
  return bytesOf(short) <= maxBytes
    ? short
    : failedAnswer('TooLarge', `${job} ended with ${bytes} bytes, more than ${maxBytes}`)
}
