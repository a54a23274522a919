/**
 * Keeps the last failures. Formatting a cause processes stacks and JSON, which is too expensive for a program
 * that fails a thousand times a second. A cause is therefore formatted on request, if it is still kept by
 * then.
 */
import { apart, type Cause, combineAll, pretty } from '../../data/reasons.js'
import type { Failure } from '../protocol.js'
import { truncateCause, truncateName } from './truncate.js'

const mostKeptFailures = 200

/**
 * A cause may have any number of reasons, each with a stack. Only as many are formatted as a page can show.
 */
const mostReasons = 20

function textOfCause(cause: Cause<unknown>): string {
  const parts = apart(cause)
  const left = parts.length - mostReasons
  const text = truncateCause(pretty(combineAll(parts.slice(0, mostReasons)) ?? cause))
  return left > 0 ? `${text}\n  and ${left} more` : text
}

class KeptFailure {
  /**
   * Invariant: set exactly until the text is requested, so that the program's objects in it are not retained
   * longer.
   */
  private cause: Cause<unknown> | undefined
  private words = ''

  constructor(
    readonly number: number,
    readonly at: number,
    readonly fiber: number,
    readonly name: string | undefined,
    readonly outcome: Failure['outcome'],
    cause: Cause<unknown>
  ) {
    this.cause = cause
  }

  get text(): string {
    if (this.cause !== undefined) {
      this.words = textOfCause(this.cause)
      this.cause = undefined
    }
    return this.words
  }
}

export class FailureLog {
  /** A ring buffer: failure number n is at index n - 1, modulo the length. */
  private readonly ring: Array<KeptFailure> = []
  private last = 0

  add(
    at: number,
    fiber: number,
    name: string | undefined,
    outcome: Failure['outcome'],
    cause: Cause<unknown>
  ): void {
    this.ring[this.last % mostKeptFailures] = new KeptFailure(
      ++this.last,
      at,
      fiber,
      truncateName(name),
      outcome,
      cause
    )
  }

  /**
   * Returns the failures with numbers above `after`, in order. Returns all if `after` is beyond the last
   * number.
   */
  after(after: number): ReadonlyArray<Failure> {
    const found: Array<Failure> = []
    for (
      let number = Math.max(after > this.last ? 0 : after, this.last - mostKeptFailures);
      number < this.last;
      number++
    ) {
      const failure = this.ring[number % mostKeptFailures]
      if (failure === undefined) continue
      const { number: own, at, fiber, name, outcome, text } = failure
      found.push({ number: own, at, fiber, name, outcome, text })
    }
    return found
  }
}
