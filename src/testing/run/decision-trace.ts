/**
 * The decisions of a run: always a hash, and the full list if the run is recorded, to replay it or to search
 * from it.
 */

import { emptyHash, hashOn, hashText } from './random.js'
import type { ChoicePoint, Deviation } from './strategy.js'
import { usualChoice } from './strategy.js'

/** The decisions of one run, in order. All lists have the same length. */
export interface Decisions {
  readonly choices: Array<number>
  readonly counts: Array<number>
  /** The number of the fiber that could have continued, or -1 if there was none. */
  readonly currents: Array<number>
  readonly usuals: Array<number>
  /** The detail hash before each decision. */
  readonly details: Array<number>
}

export class DecisionTrace {
  decisions = 0
  /** Hash of the number of candidates and the choice at each decision. */
  hash: number = emptyHash
  /**
   * Hash of everything that can be observed of a run. If two runs agree in `hash` but not in `detail`, the
   * decisions did not determine the run.
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

  /** Records that a fiber has run. Timers have number 0. */
  acted(number: number): void {
    this.detail = hashOn(this.detail, number)
  }

  /** Records an observation. */
  noted(text: string): void {
    this.detail = hashText(this.detail, text)
  }
}

/** Returns the decisions that differ from the usual choices. */
export function deviationsOf({ choices, usuals }: Decisions): ReadonlyArray<Deviation> {
  const deviations: Array<Deviation> = []
  for (let decision = 0; decision < choices.length; decision++) {
    const choice = choices[decision] ?? 0
    if (choice !== usuals[decision]) deviations.push({ decision, choice })
  }
  return deviations
}
