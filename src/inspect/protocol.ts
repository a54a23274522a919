/**
 * The requests of the page and the answers of the server. The page polls for exactly what it shows, so the
 * program does nothing for a page that is paused, hidden or closed, and a tree of 50,000 fibers costs the
 * page a few dozen rows.
 *
 * Only data is sent, as JSON. The page puts it into text nodes, never into HTML.
 */

/** Which part of the tree to show: the query of `GET state`. */
export interface View {
  /** The index of the first row. An index beyond the end shows the end. */
  readonly from: number
  /** Maximum number of rows, capped at 500. */
  readonly rows: number
  /** Keys of rows whose default state (open or collapsed) is toggled. */
  readonly turned: ReadonlyArray<string>
  /**
   * Show only entries with this text in their name, id or what they wait for, and their ancestors. '' shows
   * all.
   */
  readonly search: string
  /** Show only fibers in these states. An empty list shows all. */
  readonly states: ReadonlyArray<FiberActivity>
  /** Send failures and fiber spans with numbers above these. 0 sends all that are kept. */
  readonly failuresAfter: number
  readonly livesAfter: number
}

export type FiberActivity = 'running' | 'ready' | 'waiting'

export type FiberOutcome = 'succeeded' | 'failed' | 'died' | 'interrupted'

/** The answer to `GET state`. Times are milliseconds since the epoch, durations are milliseconds. */
export interface InspectorState {
  readonly version: 1
  readonly at: number
  /**
   * How long the page should wait before it polls again: half a second, and longer if an answer takes long,
   * so that answers take a 250th of the program's time. Never more than two seconds.
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
  /**
   * One number per second, oldest first, for the last 60 whole seconds. `from` is the start of the first one.
   */
  readonly rates: {
    readonly from: number
    readonly started: ReadonlyArray<number>
    readonly ended: Readonly<Record<FiberOutcome, ReadonlyArray<number>>>
    readonly items: ReadonlyArray<number>
  }
  /**
   * The tree as of at most a tenth of a second ago, or up to 5 seconds with very many fibers. The same holds
   * for `totals.fibers`.
   */
  readonly tree: {
    /** The number of rows of the whole view. */
    readonly total: number
    readonly from: number
    readonly rows: ReadonlyArray<Row>
  }
  /** In the order of creation. If there are more than 200, only the busiest. */
  readonly queues: { readonly total: number; readonly rows: ReadonlyArray<QueueRow> }
  /** The newest last. At most 200 are kept. */
  readonly failures: ReadonlyArray<Failure>
  /** The fiber spans of the last minute. Ended fibers are sent once, living ones in each answer. */
  readonly lives: {
    readonly ended: ReadonlyArray<Life>
    readonly living: ReadonlyArray<Life>
    /** How many fibers that ended in the last minute are not sent, since there were too many. Usually 0. */
    readonly left: number
    /** How many living fibers are not sent: if there are many, only the oldest and the newest are. */
    readonly livingLeft: number
  }
  /** The cycles in which fibers wait for each other, as the titles of the fibers. */
  readonly circles: ReadonlyArray<ReadonlyArray<string>>
}

/** A row of the tree. Many siblings that are alike share one row. */
export interface Row {
  /** Identifies the row across answers. */
  readonly key: string
  readonly depth: number
  /** The position among the siblings, from 1, and the number of siblings, this one included. */
  readonly place: number
  readonly siblings: number
  /** The index of the parent row, or -1 if there is none. */
  readonly above: number
  readonly kind: 'group' | 'fiber' | 'bunch'
  /** The id of a group or a fiber. */
  readonly id: number | undefined
  /**
   * For a 'bunch', each number in which the names of its fibers differ is replaced by *. The same holds for
   * `on`.
   */
  readonly name: string | undefined
  readonly state: FiberActivity | 'open' | 'closing' | 'closed'
  /** What a fiber waits for. */
  readonly on: string | undefined
  /** The names of the Tasks that a fiber is in, innermost first. */
  readonly path: ReadonlyArray<string>
  readonly age: number
  /** How many fibers a 'bunch' contains. 1 for other rows. */
  readonly count: number
  /** How many descendants that are fibers the row has, at any depth. */
  readonly below: number
  readonly canOpen: boolean
  readonly isOpen: boolean
}

export interface QueueRow {
  readonly id: number
  readonly name: string | undefined
  readonly size: number
  /** 0 means no limit. */
  readonly maxsize: number
  readonly isClosed: boolean
  readonly waitingGets: number
  readonly waitingPuts: number
  /** Items per second that were put, averaged over the last 10 seconds. */
  readonly rate: number
}

export interface Failure {
  /** Increases with each failure. */
  readonly number: number
  readonly at: number
  readonly fiber: number
  readonly name: string | undefined
  readonly outcome: 'failed' | 'died'
  /** The result of `Cause.pretty`. */
  readonly text: string
}

export interface Life {
  /** For an ended fiber, a number that increases with each one. 0 while the fiber is alive. */
  readonly number: number
  readonly fiber: number
  readonly name: string | undefined
  readonly from: number
  /** Undefined while the fiber is alive. */
  readonly to: number | undefined
  readonly outcome: FiberOutcome | undefined
}
