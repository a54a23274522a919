/**
 * Who acted when: kept in every run, since a run that went wrong may be hard to get again, and bounded, since
 * runs may be long.
 *
 * What one fiber does until another acts is one entry, however many steps it takes. Texts are made only when
 * somebody reads them.
 */
import type { Exit } from '../../data/exit.js'
import type { RunFiber } from '../run/run-fiber.js'

/** What one did until another acted. */
export interface TraceSection {
  /** Virtual milliseconds. */
  readonly at: number
  /** A fiber, a timer that fired, the host (a promise or a callback), or an interruption from outside. */
  readonly who: RunFiber | 'timer' | 'host' | 'interruption'
  steps: number
  /** The first few fibers that it started or woke; `more` counts the others. */
  readonly started: Array<RunFiber>
  readonly woke: Array<RunFiber>
  more: number
  /** What it waits for now, or how it ended; undefined where it could go on. */
  outcome:
    | { readonly on: string; readonly path: ReadonlyArray<string> }
    | { readonly exit: Exit<unknown, unknown> }
    | typeof isPolite
    | undefined
}

/** It has run `Task.yieldNow`. */
export const isPolite = 'lets the others go first'

/** The last of them are kept, at least so many. */
const kept = 500

/** Of the fibers that one starts or wakes so many are named. */
const namedFiber = 6

export class ExecutionTrace {
  private stretches: Array<TraceSection> = []
  /** How many there were in all. */
  length = 0
  private last: TraceSection | undefined = undefined

  /** How many are not kept any more. */
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
    // One that polls says nothing new each time.
    if (isSame && (last.outcome === undefined || last.outcome === isPolite)) last.steps++
    else this.begin(at, who)
  }

  /** Starts a section: the following events belong to the fiber or timer that acts now. */
  begin(at: number, who: TraceSection['who']): void {
    if (this.stretches.length >= 2 * kept) this.stretches = this.stretches.slice(-kept)
    const stretch: TraceSection = { at, who, steps: 1, started: [], woke: [], more: 0, outcome: undefined }
    this.last = stretch
    this.stretches.push(stretch)
    this.length++
  }

  /** It has made `actor` ready. */
  readied(actor: RunFiber, isNew: boolean): void {
    const { last } = this
    if (last === undefined || last.who === actor) return
    const list = isNew ? last.started : last.woke
    if (list.length < namedFiber) list.push(actor)
    else last.more++
  }

  /** It cannot go on. */
  rests(outcome: NonNullable<TraceSection['outcome']>): void {
    if (this.last !== undefined) this.last.outcome = outcome
  }
}
