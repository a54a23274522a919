/**
 * The circles in which fibers wait for each other. Looking for them is a walk over all fibers, so it is done
 * once in a while, and the more seldom the longer it takes: a deadlock will still be there.
 */

import { hostNow } from '../../runtime/host/clock.js'
import { deadlocks } from '../../runtime/observe/wait-cycles.js'
import { truncateName } from './truncate.js'

/** No more often than so many milliseconds, and a hundredth of the time at most. */
const leastMs = 1000
const share = 100

/** Of a longer one the rest is left out. */
const mostTitles = 100

/** Gives each as the titles of its fibers, in the order in which they wait. */
export function makeWaitCycles(): () => ReadonlyArray<ReadonlyArray<string>> {
  let found: ReadonlyArray<ReadonlyArray<string>> = []
  let next = 0
  return () => {
    const began = hostNow()
    if (began < next) return found
    found = deadlocks().map((circle) =>
      circle
        .slice(0, mostTitles)
        .map(({ id, name }) => (name === undefined ? `#${id}` : `${truncateName(name)} #${id}`))
    )
    const ended = hostNow()
    next = ended + Math.max(leastMs, share * (ended - began))
    return found
  }
}
