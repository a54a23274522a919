/** The query of `GET state`, which comes from outside: what makes no sense is refused, what is too much is cut. */
import type { FiberState, View } from '../protocol.js'

const states: ReadonlyArray<FiberState> = ['running', 'ready', 'waiting']

const isState = (text: string): text is FiberState => states.some((state) => state === text)

const mostTurned = 1000
const longestSearch = 200
const usualRows = 60

const listOf = (text: string | null): ReadonlyArray<string> =>
  text === null || text === '' ? [] : text.split(',')

/** A whole number of 0 or more; undefined for what is none. */
function wholeOf(text: string | null, usual: number): number | undefined {
  if (text === null) return usual
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** In words, what is wrong with it, or the view. */
export function viewOf(query: URLSearchParams): View | string {
  const numbers = {
    from: wholeOf(query.get('from'), 0),
    rows: wholeOf(query.get('rows'), usualRows),
    failuresAfter: wholeOf(query.get('failuresAfter'), 0),
    livesAfter: wholeOf(query.get('livesAfter'), 0)
  }
  const { from, rows, failuresAfter, livesAfter } = numbers
  if (from === undefined || rows === undefined || failuresAfter === undefined || livesAfter === undefined) {
    return 'from, rows, failuresAfter and livesAfter are whole numbers of 0 or more'
  }
  const asked = listOf(query.get('states'))
  const known = asked.filter(isState)
  if (known.length < asked.length) return `states are among ${states.join(', ')}`
  const turned = listOf(query.get('turned'))
  if (turned.length > mostTurned) return `no more than ${mostTurned} rows can be turned`
  const search = query.get('search') ?? ''
  if (search.length > longestSearch) return `a search has at most ${longestSearch} characters`
  return { from, rows, turned, search, states: known, failuresAfter, livesAfter }
}
