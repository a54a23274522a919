/**
 * What the page asks and what it is told. The page asks again and again, for just what it shows: so the
 * program does nothing for a page that is paused, hidden or gone, and a tree of 50,000 fibers costs the page
 * a few dozen rows.
 *
 * Only data goes over the wire, as JSON; the page puts it into text nodes, never into HTML.
 */

/** Where and how much of the tree is to be shown: the query of `GET state`. */
export interface View {
  /** The first row; one beyond the end shows the end. */
  readonly from: number
  /** At most so many rows, and never more than 500. */
  readonly rows: number
  /** Keys of rows whose usual state (open or shut) is turned round. */
  readonly turned: ReadonlyArray<string>
  /** Only what has this in its name, id or what it waits for, and what is above it; '' for all. */
  readonly search: string
  /** Only fibers in these states; none for all. */
  readonly states: ReadonlyArray<FiberActivity>
  /** Failures and lives that came after these numbers; 0 for all that are kept. */
  readonly failuresAfter: number
  readonly livesAfter: number
}

export type FiberActivity = 'running' | 'ready' | 'waiting'

export type FiberOutcome = 'succeeded' | 'failed' | 'died' | 'interrupted'

/** The answer. Times are milliseconds since the epoch, lengths milliseconds. */
export interface InspectorState {
  readonly version: 1
  readonly at: number
  /**
   * How long the page should wait before it asks again by itself: half a second, and longer where an answer
   * takes long, so that answers take a 250th of the program's time; never more than two seconds.
   */
  readonly nextMs: number
  readonly program: {
    readonly title: string
    readonly pid: number
    readonly node: string
    readonly startedAt: number
  }
  readonly totals: {
    readonly fibers: Readonly<Record<FiberActivity, number>>
    readonly groups: number
    readonly queues: number
    readonly ended: Readonly<Record<FiberOutcome, number>>
  }
  /** A number a second, oldest first, of the last 60 whole seconds; `from` is when the first began. */
  readonly rates: {
    readonly from: number
    readonly started: ReadonlyArray<number>
    readonly ended: Readonly<Record<FiberOutcome, ReadonlyArray<number>>>
    readonly items: ReadonlyArray<number>
  }
  /**
   * As it was up to a tenth of a second ago; where there are very many fibers, up to 5 seconds. So are
   * `totals.fibers`.
   */
  readonly tree: {
    /** How many rows the whole view has. */
    readonly total: number
    readonly from: number
    readonly rows: ReadonlyArray<Row>
  }
  /** In the order of their making; of more than 200 the busiest. */
  readonly queues: { readonly total: number; readonly rows: ReadonlyArray<QueueRow> }
  /** The newest last; at most 200 are kept. */
  readonly failures: ReadonlyArray<Failure>
  /** Fibers of the last minute. Ended ones are in one answer, living ones in each answer. */
  readonly lives: {
    readonly ended: ReadonlyArray<Life>
    readonly living: ReadonlyArray<Life>
    /** How many fibers ended in the last minute and were left out, since there were too many; mostly 0. */
    readonly left: number
    /** How many living fibers were left out: of many only the oldest and the newest are included. */
    readonly livingLeft: number
  }
  /** The circles in which fibers wait for each other, as titles. */
  readonly circles: ReadonlyArray<ReadonlyArray<string>>
}

/** A line of the tree. Siblings that are alike are one line, once there are many. */
export interface Row {
  /** Stays the same from answer to answer. */
  readonly key: string
  readonly depth: number
  /** Its place among those beside it, from 1, and how many those are, itself included. */
  readonly place: number
  readonly siblings: number
  /** The number of the row that it is in; -1: none. */
  readonly above: number
  readonly kind: 'group' | 'fiber' | 'bunch'
  /** Of a group or a fiber. */
  readonly id: number | undefined
  /** Of a bunch with a * for each number, where its fibers differ in them; so is `on`. */
  readonly name: string | undefined
  readonly state: FiberActivity | 'open' | 'closing' | 'closed'
  /** What a fiber waits for. */
  readonly on: string | undefined
  /** The names of what a fiber is in, innermost first. */
  readonly path: ReadonlyArray<string>
  readonly age: number
  /** How many fibers a group of siblings contains; 1 for other rows. */
  readonly count: number
  /** How many fibers are below it, at whatever depth. */
  readonly below: number
  readonly canOpen: boolean
  readonly isOpen: boolean
}

export interface QueueRow {
  readonly id: number
  readonly name: string | undefined
  readonly size: number
  /** 0: no limit. */
  readonly maxsize: number
  readonly isClosed: boolean
  readonly waitingGets: number
  readonly waitingPuts: number
  /** Items a second that came in, over the last 10 seconds. */
  readonly rate: number
}

export interface Failure {
  /** Grows from one to the next. */
  readonly number: number
  readonly at: number
  readonly fiber: number
  readonly name: string | undefined
  readonly outcome: 'failed' | 'died'
  /** `Cause.pretty`. */
  readonly text: string
}

export interface Life {
  /** Of one that has ended: grows from one to the next. 0 while it lives. */
  readonly number: number
  readonly fiber: number
  readonly name: string | undefined
  readonly from: number
  /** Undefined while it lives. */
  readonly to: number | undefined
  readonly outcome: FiberOutcome | undefined
}
