/**
 * Samples the living fibers for the timeline, which has no room for thousands: the oldest and the newest
 * ones.
 */
import type { Seen, Snapshot } from '../tree/snapshot.js'

const mostOldest = 100
const mostNewest = 200

/** Keeps the first `most` fibers by `compare`. Cheap if they mostly arrive in that order. */
class First {
  private kept: Array<Seen> = []
  /** A fiber after this one is not among the first `most`. Set once there are enough. */
  private last: Seen | undefined = undefined

  constructor(
    private readonly most: number,
    private readonly compare: (left: Seen, right: Seen) => number
  ) {}

  add(fiber: Seen): void {
    if (this.last !== undefined && this.compare(fiber, this.last) > 0) return
    this.kept.push(fiber)
    if (this.kept.length >= this.most * 2) this.cut()
  }

  cut(): ReadonlyArray<Seen> {
    this.kept = this.kept.sort(this.compare).slice(0, this.most)
    if (this.kept.length === this.most) this.last = this.kept[this.most - 1]
    return this.kept
  }
}

const older = (left: Seen, right: Seen): number => left.id - right.id
const newer = (left: Seen, right: Seen): number => right.id - left.id

/** Returns the sample in the order of creation. */
export function sampleOf({ places }: Snapshot): ReadonlyArray<Seen> {
  const oldest = new First(mostOldest, older)
  const newest = new First(mostNewest, newer)
  for (const { fibers } of places) for (const fiber of fibers) oldest.add(fiber)
  for (let place = places.length - 1; place >= 0; place--) {
    const fibers = places[place]?.fibers ?? []
    for (let index = fibers.length - 1; index >= 0; index--) {
      const fiber = fibers[index]
      if (fiber !== undefined) newest.add(fiber)
    }
  }
  return [...new Set([...oldest.cut(), ...newest.cut()])].sort(older)
}
