/** A row of the tree. */
import type { JSX } from 'preact'
import type { Row } from '../protocol.js'
import { duration, formatCount, formatNumber, oneLine, whole } from './format.js'
import { Signed, Twisty } from './icons.js'
import type { Control } from './store.js'

export const rowIdOf = (key: string): string => `row-${key}`

/** Deeper rows are not indented any further, since they would not fit the page. */
const deepestIndent = 14

/** The word for a row without a name. */
const rowKindOf = (row: Row): string => (row.kind === 'group' ? 'group' : 'fiber')

const rowNameOf = (row: Row): string => row.name ?? rowKindOf(row)

/** What it waits for and what it is in: `queue get, in reader, in pump`. */
const waitsFor = (row: Row): string =>
  [row.on, ...row.path.map((name) => `in ${name}`)].filter((part) => part !== undefined).join(', ')

const Name = ({ row, toggle }: { readonly row: Row; readonly toggle: () => void }): JSX.Element => (
  <div role="gridcell" class="cell-name" title={whole(rowNameOf(row))}>
    {/* Only for the mouse: on the keyboard, the arrow keys on the row do it. */}
    <span class="twist" onClick={row.canOpen ? toggle : undefined}>
      {row.canOpen && <Twisty isOpen={row.isOpen} />}
    </span>
    {row.kind === 'group' && row.name !== undefined && <span class="kind">group</span>}
    <bdi class={row.name === undefined ? 'name none' : 'name'}>{oneLine(rowNameOf(row))}</bdi>
    {row.kind === 'bunch' && <span class="tag">× {formatNumber(row.count)}</span>}
    {row.kind !== 'bunch' && row.below > 0 && !row.isOpen && (
      <span class="tag">{formatNumber(row.below)} below</span>
    )}
  </div>
)

export const TreeRow = ({
  row,
  index,
  isActive,
  control
}: {
  readonly row: Row
  readonly index: number
  readonly isActive: boolean
  readonly control: Control
}): JSX.Element => {
  const toggle = (): void => control.toggle(row)
  const words = waitsFor(row)
  return (
    <div
      role="row"
      id={rowIdOf(row.key)}
      class={isActive ? 'row active' : 'row'}
      aria-level={row.depth + 1}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-rowindex={index + 2}
      aria-expanded={row.canOpen ? row.isOpen : undefined}
      aria-selected={isActive}
      style={{ '--depth': Math.min(row.depth, deepestIndent) }}
      onClick={() => control.activate(row.key, index)}
      onDblClick={toggle}
    >
      <Name row={row} toggle={toggle} />
      <div role="gridcell" class="cell-id number">
        {row.id === undefined ? '' : `#${row.id}`}
      </div>
      <div role="gridcell" class="cell-state">
        <Signed of={row.state} />
      </div>
      <div role="gridcell" class="cell-on" title={whole(words)}>
        <bdi>{oneLine(words)}</bdi>
      </div>
      <div role="gridcell" class="cell-age number">
        {duration(row.age)}
      </div>
    </div>
  )
}

/** Shows all of a row whose line is truncated. */
export const Detail = ({ row }: { readonly row: Row }): JSX.Element => {
  const words = waitsFor(row)
  return (
    <p class="detail">
      <Signed of={row.state} />
      <bdi class="name">{whole(rowNameOf(row))}</bdi>
      {row.id !== undefined && <span>#{row.id}</span>}
      {row.kind === 'bunch' && <span>{formatCount(row.count, 'fiber')} alike</span>}
      {row.below > 0 && <span>{formatCount(row.below, 'fiber')} below it</span>}
      {words !== '' && (
        <span>
          {row.state === 'waiting' && 'waits for '}
          <bdi>{whole(words)}</bdi>
        </span>
      )}
      <span>{duration(row.age)} old</span>
    </p>
  )
}
