/**
 * The last failures. To put a cause into words takes stacks and JSON, which a program that fails a thousand
 * times a second should not pay for: it is done when somebody asks, for those that are left by then.
 */
import { apart, type Cause, combineAll, pretty } from '../../data/reasons.js'
import type { Failure } from '../protocol.js'
import { truncateCause, truncateName } from './truncate.js'

const mostKeptFailures = 200

/**
 * A cause may have any number of reasons, each with a stack: no more are put into words than a page has room
 * for.
 */
const mostReasons = 20

function textOfCause(cause: Cause<unknown>): string {
  const parts = apart(cause)
  const left = parts.length - mostReasons
  const text = truncateCause(pretty(combineAll(parts.slice(0, mostReasons)) ?? cause))
  return left > 0 ? `${text}\n  and ${left} more` : text
}

class KeptFailure {
  /** Set exactly until somebody has asked: what it holds of the program is not held for longer. */
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
  /** A ring: the failure of number n is at n - 1, modulo its length. */
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

  /** Those that came after number `after`, in order; all, where that is one that there has not been yet. */
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
