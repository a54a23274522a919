/**
 * When a fiber started, by its id. Ids grow in the order of starting, so a note of the time now and then is
 * enough for all: nothing need be kept for each, which programs with a hundred thousand fibers a second would
 * feel.
 */

/** How far apart notes are, in ms: nobody can see less on a page. */
const apartMs = 4

/** Twelve seconds' worth of a busy program; then old ones are thinned out. */
const mostNotes = 4096

export class Starts {
  /** Of each note the id that was reached, ascending, and the time. */
  private ids: Array<number> = []
  private times: Array<number> = []
  /** When there will be another note. */
  private next: number = Number.NEGATIVE_INFINITY

  /** Of what started before that, no more is known. */
  constructor(private readonly began: number) {}

  /** The fiber `id` starts now. */
  note(id: number, now: number): void {
    if (now < this.next) return
    this.next = now + apartMs
    this.ids.push(id)
    this.times.push(now)
    if (this.ids.length > mostNotes) this.thinOut(now)
  }

  /** When it started: within a few milliseconds, or where that is long ago within a hundredth of its age. */
  at(id: number): number {
    // The last note of an id up to this one.
    let low = 0
    let high = this.ids.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.ids[middle] ?? 0) <= id) low = middle + 1
      else high = middle
    }
    return this.times[low - 1] ?? this.began
  }

  /** The older, the further apart: then their number grows with the logarithm of the time. */
  private thinOut(now: number): void {
    const ids: Array<number> = []
    const times: Array<number> = []
    let last = Number.NEGATIVE_INFINITY
    for (const [index, time] of this.times.entries()) {
      if (time - last < (now - time) / 100) continue
      ids.push(this.ids[index] ?? 0)
      times.push(time)
      last = time
    }
    this.ids = ids
    this.times = times
  }
}
