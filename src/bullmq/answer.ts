/** The answer of a worker, as it is written into Redis. */
import { left } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { nameOf } from '../data/quote.js'
import * as Reasons from '../data/reasons.js'
import { abridged, cannotCross, packExit } from '../executor/serialize-exit.js'
import { type Answer, answerOf } from './wire.js'

const failed = (problem: 'NotCloneable' | 'TooLarge', words: string): Answer =>
  answerOf(packExit(left(Reasons.fail(new ExecutorError(problem, words)))))

const bytesOf = (answer: Answer): number => Buffer.byteLength(JSON.stringify(answer))

/** How a job ended; in its place an error where that cannot be written, or has more than `maxBytes` as JSON. */
export function answerFor(name: string, exit: Exit<unknown, unknown>, maxBytes: number): Answer {
  const job = `the job ${nameOf(name)}`
  const words = exit._tag === 'Right' ? cannotCross(`the result of ${job}`, exit.right, 'json') : undefined
  if (words !== undefined) return failed('NotCloneable', words)
  const outcome = packExit(exit, 'json')
  const answer = answerOf(outcome)
  const bytes = bytesOf(answer)
  if (bytes <= maxBytes) return answer
  const short = answerOf(abridged(outcome))
  return bytesOf(short) <= maxBytes
    ? short
    : failed('TooLarge', `${job} ended with ${bytes} bytes, more than ${maxBytes}`)
}
