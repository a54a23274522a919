/** Decision trace of a run: always a hash, and the full list if it is recorded for a replay or a search. */

import { emptyHash, hashOn, hashText } from './random.js'
import type { ChoicePoint, Deviation } from './strategy.js'
import { usualChoice } from './strategy.js'

/** One run's decisions, in order; the lists are of one length. */
export interface Decisions {
  readonly choices: Array<number>
  readonly counts: Array<number>
  /** The entry that could have continued; -1 if there was none. */
  readonly currents: Array<number>
  readonly usuals: Array<number>
  /** The fingerprint of all that had been seen before each. */
  readonly details: Array<number>
}

export class DecisionTrace {
  decisions = 0
  /** A hash of how many entries could run at each choice point, and which one did. */
  hash: number = emptyHash
  /**
   * Of all that can be seen of a run from outside: two runs of a program that agree in `hash` and not here
   * were not decided by it.
   */
  detail: number = emptyHash
  readonly record: Decisions | undefined

  constructor(isRecorded: boolean) {
    this.record = isRecorded ? { choices: [], counts: [], currents: [], usuals: [], details: [] } : undefined
  }

  decided(point: ChoicePoint, choice: number): void {
    this.decisions++
    this.hash = hashOn(hashOn(this.hash, point.count), choice)
    const { record } = this
    if (record === undefined) return
    record.choices.push(choice)
    record.counts.push(point.count)
    record.currents.push(point.current)
    record.usuals.push(usualChoice(point))
    record.details.push(this.detail)
  }

  /** Somebody has acted; timers are 0. */
  acted(number: number): void {
    this.detail = hashOn(this.detail, number)
  }

  /** Something was seen. */
  noted(text: string): void {
    this.detail = hashText(this.detail, text)
  }
}

/** The decisions that were not the usual ones. */
export function deviationsOf({ choices, usuals }: Decisions): ReadonlyArray<Deviation> {
  const deviations: Array<Deviation> = []
  for (let decision = 0; decision < choices.length; decision++) {
    const choice = choices[decision] ?? 0
    if (choice !== usuals[decision]) deviations.push({ decision, choice })
  }
  return deviations
}
