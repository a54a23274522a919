/** Encodes what the page requests as the query of its address. */
import type { View } from '../protocol.js'

const mostRows = 120
export const mostTurned = 200
export const longestSearch = 200

export const queryOf = (view: View): string => {
  const query = new URLSearchParams({ from: String(view.from), rows: String(view.rows) })
  if (view.turned.length > 0) query.set('turned', view.turned.join(','))
  if (view.search !== '') query.set('search', view.search)
  if (view.states.length > 0) query.set('states', view.states.join(','))
  query.set('failuresAfter', String(view.failuresAfter))
  query.set('livesAfter', String(view.livesAfter))
  return query.toString()
}

/**
 * Toggles one row. The address must not grow without limit, so if there are too many, the oldest row returns
 * to its default.
 */
export const toggleRow = (turned: ReadonlyArray<string>, key: string): ReadonlyArray<string> =>
  turned.includes(key) ? turned.filter((other) => other !== key) : [...turned, key].slice(-mostTurned)

/**
 * Returns the rows to request if `seen` rows from `first` on are visible: some more on either side, for
 * scrolling.
 */
export const windowAround = (
  first: number,
  seen: number
): { readonly from: number; readonly rows: number } => {
  const beside = Math.max(10, Math.min(seen, Math.floor((mostRows - seen) / 2)))
  const from = Math.max(0, first - beside)
  return { from, rows: Math.min(mostRows, first + seen + beside - from) }
}
