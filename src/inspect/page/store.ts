/**
 * The state of the page: what it has received and what the user has chosen. After a change everything is
 * rendered anew, at most once per frame. What has not changed costs a comparison.
 */
import type { FiberActivity, InspectorState, Row, View } from '../protocol.js'
import { keepHistory, keepTree, type PageHistory } from './history.js'
import { Poller, type Silence } from './poll.js'
import { longestSearch, queryOf, toggleRow, windowAround } from './view.js'

/** Since when the program has not answered, by the clock of the browser. */
export interface Lost {
  readonly since: number
  readonly why: Silence
}

/** A row of the tree, as far as it is known. Of a row that has not been received, only the index is. */
interface Active {
  readonly key: string | undefined
  readonly index: number
}

/**
 * Returns the current position of the active row. If the row is gone, returns the row that is now at its
 * index.
 */
const activeIn = (
  { rows, from, total }: InspectorState['tree'],
  active: Active | undefined
): Active | undefined => {
  if (active === undefined || total === 0) return undefined
  const place = active.key === undefined ? -1 : rows.findIndex(({ key }) => key === active.key)
  if (place >= 0) return { key: active.key, index: from + place }
  const index = Math.min(active.index, total - 1)
  const there = rows[index - from]
  return { key: there === undefined ? active.key : there.key, index }
}

export class Control {
  kept: PageHistory | undefined
  lost: Lost | undefined
  /** When the page was paused, by the clock of the browser. */
  pausedAt: number | undefined
  search = ''
  states: ReadonlyArray<FiberActivity> = []
  turned: ReadonlyArray<string> = []
  /** The row to which keys apply, wherever it moves. */
  active: Active | undefined
  /** The text of the live region, for screen readers. */
  said = ''
  isHelpOpen = false
  private window: { readonly from: number; readonly rows: number } = { from: 0, rows: 60 }
  private answeredAt = Date.now()
  private frame: number | undefined
  private readonly poller = new Poller({
    query: () => queryOf(this.view()),
    answer: (state) => this.answer(state),
    silence: (why) => this.silence(why)
  })

  constructor(private readonly draw: (control: Control) => void) {}

  start(): void {
    this.changed()
    this.poller.now()
  }

  /** Sets which rows are visible. Polls if they have not been received. */
  showRows(first: number, seen: number): void {
    const wanted = windowAround(first, seen)
    const { tree } = this.kept?.state ?? {}
    const isSame = wanted.from === this.window.from && wanted.rows === this.window.rows
    this.window = wanted
    if (tree === undefined || isSame) return
    const until = Math.min(first + seen, tree.total)
    const isThere = first >= tree.from && until <= tree.from + tree.rows.length
    // The visible rows are part of the next answer anyway, unless polling is paused.
    if (!isThere) this.poller.now()
  }

  /** Expands or collapses a row. */
  toggle(row: Row): void {
    if (!row.canOpen) return
    this.turned = toggleRow(this.turned, row.key)
    this.poller.now()
  }

  activate(key: string | undefined, index: number): void {
    this.active = { key, index }
    this.changed()
  }

  seek(text: string): void {
    this.search = text.slice(0, longestSearch)
    this.active = undefined
    this.changed()
    this.poller.now()
  }

  toggleState(state: FiberActivity): void {
    this.states = this.states.includes(state)
      ? this.states.filter((other) => other !== state)
      : [...this.states, state]
    this.active = undefined
    this.changed()
    this.poller.now()
  }

  clearFilters(): void {
    this.states = []
    this.seek('')
  }

  togglePause(): void {
    this.pausedAt = this.pausedAt === undefined ? Date.now() : undefined
    this.say(this.pausedAt === undefined ? 'Resumed' : 'Paused')
    this.poller.pause(this.pausedAt !== undefined)
  }

  retry(): void {
    this.poller.retry()
  }

  help(isOpen: boolean): void {
    this.isHelpOpen = isOpen
    this.changed()
  }

  say(text: string): void {
    this.said = text
    this.changed()
  }

  /** Renders with the next frame. */
  changed(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined
      this.draw(this)
    })
  }

  private view(): View {
    const { window, turned, search, states, kept } = this
    const { failuresAfter = 0, livesAfter = 0 } = kept ?? {}
    return { ...window, turned, search: search.trim(), states, failuresAfter, livesAfter }
  }

  private answer(state: InspectorState): void {
    // While the page is paused only scrolling makes requests: the tree is updated, and everything else stays
    // as it was.
    this.kept =
      this.pausedAt !== undefined && this.kept !== undefined
        ? keepTree(this.kept, state)
        : keepHistory(this.kept, state)
    this.answeredAt = Date.now()
    this.lost = undefined
    this.active = activeIn(state.tree, this.active)
    this.changed()
  }

  private silence(why: Silence): void {
    this.lost = { since: this.lost?.since ?? this.answeredAt, why }
    this.changed()
  }
}
