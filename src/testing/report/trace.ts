/**
 * The execution trace of a run. Every run keeps one, since a run that went wrong may be hard to reproduce.
 * Its size is bounded, since runs may be long.
 *
 * What one fiber does until another acts is one entry, however many steps it takes. Text is formatted only
 * when it is read.
 */
import type { Exit } from '../../data/exit.js'
import type { RunFiber } from '../run/run-fiber.js'

/** What one subject did until another acted. */
export interface TraceSection {
  /** Virtual milliseconds. */
  readonly at: number
  /**
   * A fiber, a timer that fired, the host (a promise or a callback), or an interruption that the test
   * requested.
   */
  readonly subject: RunFiber | 'timer' | 'host' | 'interruption'
  steps: number
  /** The first few fibers that it started or woke. `more` counts the others. */
  readonly started: Array<RunFiber>
  readonly woke: Array<RunFiber>
  more: number
  /** What the fiber waits for now, or how it ended. Undefined if it could continue. */
  outcome:
    | { readonly on: string; readonly path: ReadonlyArray<string> }
    | { readonly exit: Exit<unknown, unknown> }
    | typeof didYield
    | undefined
}

/** The outcome of a fiber that ran `Task.yieldNow`. */
export const didYield = 'lets the others go first'

/** At least this many of the last sections are kept. */
const kept = 500

/** How many of the fibers that a subject starts or wakes are listed by name. */
const namedFiber = 6

export class ExecutionTrace {
  private sections: Array<TraceSection> = []
  /** How many sections there were in total. */
  length = 0
  private last: TraceSection | undefined = undefined

  /** How many sections were dropped. */
  get dropped(): number {
    return this.length - this.sections.length
  }

  get entries(): ReadonlyArray<TraceSection> {
    return this.sections
  }

  /** Records a step of `subject`. */
  step(at: number, subject: TraceSection['subject']): void {
    const { last } = this
    const isSame = last?.subject === subject && last.at === at && typeof subject !== 'string'
    // A fiber that polls adds no section for each attempt.
    if (isSame && (last.outcome === undefined || last.outcome === didYield)) last.steps++
    else this.begin(at, subject)
  }

  /** Begins a section: what is recorded next belongs to `subject`. */
  begin(at: number, subject: TraceSection['subject']): void {
    if (this.sections.length >= 2 * kept) this.sections = this.sections.slice(-kept)
    const section: TraceSection = {
      at,
      subject,
      steps: 1,
      started: [],
      woke: [],
      more: 0,
      outcome: undefined
    }
    this.last = section
    this.sections.push(section)
    this.length++
  }

  /** Records that the current subject has made `runFiber` ready. */
  readied(runFiber: RunFiber, isNew: boolean): void {
    const { last } = this
    if (last === undefined || last.subject === runFiber) return
    const list = isNew ? last.started : last.woke
    if (list.length < namedFiber) list.push(runFiber)
    else last.more++
  }

  /** Records that the current subject cannot continue. */
  rests(outcome: NonNullable<TraceSection['outcome']>): void {
    if (this.last !== undefined) this.last.outcome = outcome
  }
}
