/**
 * Finds the cycles in which fibers wait for each other. The search walks over all fibers, so it runs only
 * from time to time, and less often the longer it takes: a deadlock does not go away.
 */

import { hostNow } from '../../runtime/host/clock.js'
import { deadlocks } from '../../runtime/observe/wait-cycles.js'
import { truncateName } from './truncate.js'

/** The search runs at most once per `leastMs`, and takes at most one part in `share` of the time. */
const leastMs = 1000
const share = 100

/** The maximum number of titles that are sent of one cycle. */
const mostTitles = 100

/** Returns a function that gives each cycle as the titles of its fibers, in the order in which they wait. */
export function makeWaitCycles(): () => ReadonlyArray<ReadonlyArray<string>> {
  let found: ReadonlyArray<ReadonlyArray<string>> = []
  let next = 0
  return () => {
    const began = hostNow()
    if (began < next) return found
    found = deadlocks().map((cycle) =>
      cycle
        .slice(0, mostTitles)
        .map(({ id, name }) => (name === undefined ? `#${id}` : `${truncateName(name)} #${id}`))
    )
    const ended = hostNow()
    next = ended + Math.max(leastMs, share * (ended - began))
    return found
  }
}
