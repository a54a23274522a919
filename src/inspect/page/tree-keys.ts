/**
 * Defines what keys do in the tree: to which row they move, and whether they expand or collapse the current
 * row.
 */
import type { Row } from '../protocol.js'

/** A number is the index of the row to move to. */
export type Move = number | 'toggle' | undefined

/**
 * Returns what a key does.
 *
 * @param index the index of the current row, or undefined if there is none yet
 * @param row the current row, if it is known
 * @param page how many rows are visible at once
 */
export const moveOf = (
  key: string,
  index: number | undefined,
  row: Row | undefined,
  total: number,
  page: number
): Move => {
  const last = total - 1
  if (index === undefined) return key === 'End' ? last : 0
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, index + 1)
    case 'ArrowUp':
      return Math.max(0, index - 1)
    case 'PageDown':
      return Math.min(last, index + page)
    case 'PageUp':
      return Math.max(0, index - page)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'Enter':
      return row?.canOpen ? 'toggle' : undefined
    case 'ArrowRight':
      if (!row?.canOpen) return undefined
      return row.isOpen ? Math.min(last, index + 1) : 'toggle'
    case 'ArrowLeft':
      if (row?.canOpen && row.isOpen) return 'toggle'
      return row === undefined || row.above < 0 ? undefined : row.above
    default:
      return undefined
  }
}

export const isTreeKey = (key: string): boolean =>
  /^(?:Arrow(?:Up|Down|Left|Right)|Page(?:Up|Down)|Home|End|Enter)$/.test(key)
