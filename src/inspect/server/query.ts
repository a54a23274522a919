/** Parses the query of `GET state`, which is untrusted input: what is invalid or too long is refused. */
import type { FiberActivity, View } from '../protocol.js'

const knownStates: ReadonlyArray<FiberActivity> = ['running', 'ready', 'waiting']

const isKnownState = (text: string): text is FiberActivity => knownStates.some((state) => state === text)

const mostToggledRows = 1000
const longestSearchText = 200
const usualRows = 60

const listParameter = (text: string | null): ReadonlyArray<string> =>
  text === null || text === '' ? [] : text.split(',')

/** Parses a whole number of 0 or more. Returns undefined if the text is not one. */
function wholeOf(text: string | null, usual: number): number | undefined {
  if (text === null) return usual
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** Returns the view, or a message that says what is wrong with the query. */
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
  const asked = listParameter(query.get('states'))
  const known = asked.filter(isKnownState)
  if (known.length < asked.length) return `states are among ${knownStates.join(', ')}`
  const turned = listParameter(query.get('turned'))
  if (turned.length > mostToggledRows) return `no more than ${mostToggledRows} rows can be turned`
  const search = query.get('search') ?? ''
  if (search.length > longestSearchText) return `a search has at most ${longestSearchText} characters`
  return { from, rows, turned, search, states: known, failuresAfter, livesAfter }
}
