/**
 * Computes the rows of the tree that a page shows: the few dozen in its window, out of perhaps hundreds of
 * thousands.
 *
 * Trees may be deep, so nothing here is recursive.
 */
import type { LiveGroup } from '../../runtime/hooks.js'
import { truncateName } from '../collect/truncate.js'
import type { InspectorState, Row, View } from '../protocol.js'
import { type Filter, filterOf, type ShownNodes } from './filter.js'
import { groupSiblings, SiblingGroup } from './sibling-groups.js'
import { isGroup, type Seen, type Snapshot, type TreeNode } from './snapshot.js'

/** More rows than any screen shows. */
const mostTreeRows = 500

/** Of a fiber in more named Tasks than this only the innermost are sent. */
const mostPath = 20

type TreeLine = Seen | LiveGroup | SiblingGroup

/** Sibling lines and their parent. */
interface Level {
  readonly lines: ReadonlyArray<TreeLine>
  /** The index of the next line. */
  next: number
  readonly depth: number
  /** The index of the parent row, or -1 if there is none. */
  readonly above: number
  /** Prefix from the parent's key, for lines whose keys are only unique among their siblings. */
  readonly prefix: string
}

/** Tells when a fiber or a group started. */
export interface Times {
  readonly now: number
  ofFiber(id: number): number
  ofGroup(id: number): number
}

const rowsById = (left: LiveGroup, right: LiveGroup): number => left.id - right.id

const keyOf = (line: TreeLine, prefix: string): string =>
  line instanceof SiblingGroup ? `${prefix}${line.key}` : `${isGroup(line) ? 'g' : 'f'}${line.id}`

/** Groups first, since there may be many fibers. */
function treeLinesOf({ fibers, groups }: ShownNodes): ReadonlyArray<TreeLine> {
  const { bunches, others } = groupSiblings(fibers)
  return groups.length + bunches.length === 0
    ? others
    : [...[...groups].sort(rowsById), ...bunches, ...others]
}

/** A snapshot with the lines computed from it, shared by all requests that use it. */
export class Sight {
  /**
   * The lines of nodes that are shown completely. Dropped with the snapshot: a WeakMap that outlives it would
   * make the garbage collector promote dead fibers.
   */
  readonly lines: Map<TreeNode, ReadonlyArray<TreeLine>> = new Map()

  constructor(readonly snapshot: Snapshot) {}
}

/** Lays out one answer from a snapshot. */
class Layout {
  private readonly isShown: Filter
  private readonly turned: ReadonlySet<string>

  constructor(
    private readonly sight: Sight,
    view: View,
    private readonly times: Times
  ) {
    this.isShown = filterOf(sight.snapshot, view)
    this.turned = new Set(view.turned)
  }

  /** Returns at most `wanted` rows, starting at index `from`. */
  layOut(from: number, wanted: number): InspectorState['tree'] {
    const rows: Array<Row> = []
    let total = 0
    /** A stack, the innermost level last. */
    const levels: Array<Level> = [
      { lines: this.linesIn(this.sight.snapshot.top), next: 0, depth: 0, above: -1, prefix: '' }
    ]
    for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
      while (level.next < level.lines.length) {
        const line: TreeLine | undefined = level.lines[level.next++]
        if (line === undefined) continue
        const number = total++
        const canOpen = this.canOpen(line)
        const isOpen = canOpen && this.isOpen(line, level.prefix)
        if (number >= from && number < from + wanted) rows.push(this.row(line, level, canOpen, isOpen))
        if (!isOpen) continue
        levels.push(level)
        level = this.levelBelow(line, number, level.depth)
      }
    }
    return { total, from, rows }
  }

  private levelBelow(line: TreeLine, number: number, depth: number): Level {
    const prefix = line instanceof SiblingGroup ? '' : `${keyOf(line, '')}.`
    return { lines: this.linesBelow(line), next: 0, depth: depth + 1, above: number, prefix }
  }

  private linesBelow(line: TreeLine): ReadonlyArray<TreeLine> {
    if (line instanceof SiblingGroup) return line.members
    const place = this.sight.snapshot.below(line)
    return place === undefined ? [] : this.linesIn(place)
  }

  private linesIn(place: TreeNode): ReadonlyArray<TreeLine> {
    const shown = this.isShown(place)
    if (shown !== place) return treeLinesOf(shown)
    const known = this.sight.lines.get(place)
    if (known !== undefined) return known
    const lines = treeLinesOf(place)
    this.sight.lines.set(place, lines)
    return lines
  }

  private canOpen(line: TreeLine): boolean {
    if (line instanceof SiblingGroup) return true
    const place = this.sight.snapshot.below(line)
    if (place === undefined) return false
    const { fibers, groups } = this.isShown(place)
    return fibers.length + groups.length > 0
  }

  /** By default groups and fibers are open and sibling groups are collapsed. `turned` inverts that. */
  private isOpen(line: TreeLine, prefix: string): boolean {
    const isUsual = !(line instanceof SiblingGroup)
    return this.turned.size > 0 && this.turned.has(keyOf(line, prefix)) ? !isUsual : isUsual
  }

  private row(line: TreeLine, level: Level, canOpen: boolean, isOpen: boolean): Row {
    const { now } = this.times
    const { depth, next: place, above, prefix } = level
    const siblings = level.lines.length
    const shared = { key: keyOf(line, prefix), depth, place, siblings, above, canOpen, isOpen }
    if (line instanceof SiblingGroup) {
      const { state, name, on, members } = line
      const below = this.sight.snapshot.hasFibersInFibers
        ? members.reduce((sum, fiber) => sum + this.countBelow(fiber), 0)
        : 0
      // The first member is the oldest.
      const age = Math.max(0, now - this.times.ofFiber(members[0]?.id ?? 0))
      const count = members.length
      return { ...shared, kind: 'bunch', id: undefined, name, state, on, path: [], age, count, below }
    }
    const below = this.countBelow(line)
    const { id } = line
    const name = truncateName(line.name)
    if (isGroup(line)) {
      const age = Math.max(0, now - this.times.ofGroup(id))
      const { stage: state } = line
      return { ...shared, kind: 'group', id, name, state, on: undefined, path: [], age, count: 1, below }
    }
    const path = line.fiber.path.slice(0, mostPath).map((part) => truncateName(part) ?? '')
    const age = Math.max(0, now - this.times.ofFiber(id))
    const { state } = line
    const on = truncateName(line.on)
    return { ...shared, kind: 'fiber', id, name, state, on, path, age, count: 1, below }
  }

  private countBelow(one: Seen | LiveGroup): number {
    return this.sight.snapshot.below(one)?.below ?? 0
  }
}

/** Returns the window of `view`. A window beyond the end shows the end. */
export function rowsOf(sight: Sight, view: View, times: Times): InspectorState['tree'] {
  const wanted = Math.min(view.rows, mostTreeRows)
  const layout = new Layout(sight, view, times)
  const found = layout.layOut(view.from, wanted)
  if (found.rows.length > 0 || found.total === 0 || wanted === 0) return found
  return layout.layOut(Math.max(0, found.total - wanted), wanted)
}
