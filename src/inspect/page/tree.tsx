/**
 * The tree of living fibers and groups. Only the visible rows and some beside them are rendered, with 50,000
 * fibers as with 50. All rows have the same height, so the visible ones are found by a division, and rows
 * need not be measured.
 */
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { InspectorState } from '../protocol.js'
import { Filters } from './filters.js'
import { formatNumber } from './format.js'
import type { Control } from './store.js'
import { isTreeKey, moveOf } from './tree-keys.js'
import { Detail, rowIdOf, TreeRow } from './tree-row.js'

/** The maximum height of an element, in pixels, that browsers lay out. */
const mostPixels = 16_000_000

interface Sizes {
  /** The height of a row, in pixels. */
  readonly row: number
  /** The visible height of all rows, in pixels. */
  readonly view: number
}

const sizesOf = (scroller: HTMLElement): Sizes => {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const row = Number.parseFloat(getComputedStyle(scroller).getPropertyValue('--row')) * rem
  const head = scroller.querySelector<HTMLElement>('.head')?.offsetHeight ?? 0
  return { row, view: scroller.clientHeight - head }
}

type Tree = InspectorState['tree']

/** Renders the received rows at their position in the whole tree. */
const Rows = ({
  tree,
  sizes,
  control
}: {
  readonly tree: Tree
  readonly sizes: Sizes
  readonly control: Control
}): JSX.Element => (
  <div
    role="rowgroup"
    class="all"
    style={{
      height: `${Math.min(mostPixels, tree.total * sizes.row)}px`,
      backgroundSize: `100% ${2 * sizes.row}px`
    }}
  >
    <div role="presentation" class="there" style={{ transform: `translateY(${tree.from * sizes.row}px)` }}>
      {tree.rows.map((row, place) => (
        <TreeRow
          key={row.key}
          row={row}
          index={tree.from + place}
          isActive={control.active?.key === row.key}
          control={control}
        />
      ))}
    </div>
  </div>
)

const columns = ['name', 'id', 'state', 'waits for', 'age'] as const

const Head = (): JSX.Element => (
  <div role="rowgroup" class="head">
    <div role="row" class="row" aria-rowindex={1}>
      {columns.map((column) => (
        <div
          key={column}
          role="columnheader"
          class={`cell-${column === 'waits for' ? 'on' : column}${/^(?:id|age)$/.test(column) ? ' number' : ''}`}
        >
          {column}
        </div>
      ))}
    </div>
  </div>
)

/** Keeps the topmost visible row in place while rows above it are added or removed. */
const useAnchor = (scroller: { readonly current: HTMLElement | null }, tree: Tree, { row }: Sizes): void => {
  const top = useRef<{ readonly key: string; readonly index: number } | undefined>(undefined)
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || element.scrollTop === 0 || row === 0) {
      top.current = undefined
      return
    }
    const before = top.current
    if (before !== undefined) {
      const place = tree.rows.findIndex(({ key }) => key === before.key)
      const moved = place < 0 ? 0 : tree.from + place - before.index
      if (moved !== 0) element.scrollTop += moved * row
    }
    const index = Math.floor(element.scrollTop / row)
    const key = tree.rows[index - tree.from]?.key
    top.current = key === undefined ? undefined : { key, index }
  })
}

const emptyWords = (control: Control): string =>
  control.search.trim() !== '' || control.states.length > 0
    ? 'Nothing that is alive now fits the search and the states.'
    : 'No fiber is alive: the program has nothing to do, or it works without this library just now.'

export const TreePanel = ({
  control,
  state
}: {
  readonly control: Control
  readonly state: InspectorState
}): JSX.Element => {
  const { tree } = state
  const scroller = useRef<HTMLDivElement>(null)
  const [sizes, measure] = useState<Sizes>({ row: 0, view: 0 })
  useEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() => measure(sizesOf(element)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useAnchor(scroller, tree, sizes)
  const page = Math.max(1, Math.floor(sizes.view / (sizes.row || 1)))
  const showVisible = (): void => {
    if (scroller.current === null || sizes.row === 0) return
    control.showRows(Math.floor(scroller.current.scrollTop / sizes.row), page + 1)
  }
  useEffect(showVisible)
  const { active } = control
  const row = active === undefined ? undefined : tree.rows.find(({ key }) => key === active.key)

  const go = (index: number): void => {
    const element = scroller.current
    if (element === null) return
    const above = index * sizes.row
    if (above < element.scrollTop) element.scrollTop = above
    else if (above + sizes.row > element.scrollTop + sizes.view)
      element.scrollTop = above + sizes.row - sizes.view
    // If the row has not been received, only its index is known.
    control.activate(tree.rows[index - tree.from]?.key, index)
    showVisible()
  }
  const press = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !isTreeKey(event.key) || tree.total === 0) return
    event.preventDefault()
    const move = moveOf(event.key, active?.index, row, tree.total, page)
    if (typeof move === 'number') go(move)
    else if (move === 'toggle' && row !== undefined) control.toggle(row)
  }
  return (
    <section class="panel tree" aria-labelledby="tree">
      <div class="title">
        <h2 id="tree">
          Tree <small>{tree.total === 1 ? '1 row' : `${formatNumber(tree.total)} rows`}</small>
        </h2>
        <Filters control={control} fibers={state.totals.fibers} />
      </div>
      <div
        ref={scroller}
        class="rows"
        role="treegrid"
        aria-labelledby="tree"
        aria-rowcount={tree.total + 1}
        aria-colcount={columns.length}
        aria-activedescendant={row === undefined ? undefined : rowIdOf(row.key)}
        tabIndex={0}
        onScroll={showVisible}
        onKeyDown={press}
      >
        <Head />
        <Rows tree={tree} sizes={sizes} control={control} />
      </div>
      {tree.total === 0 && <p class="empty">{emptyWords(control)}</p>}
      {row !== undefined && <Detail row={row} />}
    </section>
  )
}
