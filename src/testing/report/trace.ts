/**
 * The execution trace of a run. Every run keeps one, since a run that went wrong may be hard to reproduce.
 * Its size is bounded, since runs may be long.
 *
 * What one fiber does until another acts is one entry, however many steps it takes. Text is formatted only
 * when it is read.
 */
import type { Exit } from '../../data/exit.js'
import type { RunFiber } from '../run/run-fiber.js'

/** What one actor did until another acted. */
export interface TraceSection {
  /** Virtual milliseconds. */
  readonly at: number
  /**
   * A fiber, a timer that fired, the host (a promise or a callback), or an interruption that the test
   * requested.
   */
  readonly who: RunFiber | 'timer' | 'host' | 'interruption'
  steps: number
  /** The first few fibers that it started or woke. `more` counts the others. */
  readonly started: Array<RunFiber>
  readonly woke: Array<RunFiber>
  more: number
  /** What the fiber waits for now, or how it ended. Undefined if it could continue. */
  outcome:
    | { readonly on: string; readonly path: ReadonlyArray<string> }
    | { readonly exit: Exit<unknown, unknown> }
    | typeof isPolite
    | undefined
}

/** The outcome of a fiber that ran `Task.yieldNow`. */
export const isPolite = 'lets the others go first'

/** At least this many of the last sections are kept. */
const kept = 500

/** How many of the fibers that an actor starts or wakes are listed by name. */
const namedFiber = 6

export class ExecutionTrace {
  private stretches: Array<TraceSection> = []
  /** How many sections there were in total. */
  length = 0
  private last: TraceSection | undefined = undefined

  /** How many sections were dropped. */
  get forgotten(): number {
    return this.length - this.stretches.length
  }

  get entries(): ReadonlyArray<TraceSection> {
    return this.stretches
  }

  /** Records a step of `who`. */
  step(at: number, who: TraceSection['who']): void {
    const { last } = this
    const isSame = last?.who === who && last.at === at && typeof who !== 'string'
    // A fiber that polls adds no section for each attempt.
    if (isSame && (last.outcome === undefined || last.outcome === isPolite)) last.steps++
    else this.begin(at, who)
  }

  /** Begins a section: what is recorded next belongs to `who`. */
  begin(at: number, who: TraceSection['who']): void {
    if (this.stretches.length >= 2 * kept) this.stretches = this.stretches.slice(-kept)
    const stretch: TraceSection = { at, who, steps: 1, started: [], woke: [], more: 0, outcome: undefined }
    this.last = stretch
    this.stretches.push(stretch)
    this.length++
  }

  /** Records that the current actor has made `actor` ready. */
  readied(actor: RunFiber, isNew: boolean): void {
    const { last } = this
    if (last === undefined || last.who === actor) return
    const list = isNew ? last.started : last.woke
    if (list.length < namedFiber) list.push(actor)
    else last.more++
  }

  /** Records that the current actor cannot continue. */
  rests(outcome: NonNullable<TraceSection['outcome']>): void {
    if (this.last !== undefined) this.last.outcome = outcome
  }
}
