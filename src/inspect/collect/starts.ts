/**
 * When fibers started, by id. Ids increase in the order of starting, so a note from time to time suffices for
 * all: no time has to be kept per fiber, which would be expensive with a hundred thousand fibers a second.
 */

/** The minimum distance between notes, in ms: shorter times are not visible on a page. */
const apartMs = 4

/** About twelve seconds of notes in a busy program. Beyond that, old notes are thinned out. */
const mostNotes = 4096

export class Starts {
  /** The last started id of each note, ascending, and its time. */
  private ids: Array<number> = []
  private times: Array<number> = []
  /** The time of the next note. */
  private next: number = Number.NEGATIVE_INFINITY

  /** `began` is reported as the start of everything that started before the first note. */
  constructor(private readonly began: number) {}

  /** Records that the fiber `id` starts now. */
  note(id: number, now: number): void {
    if (now < this.next) return
    this.next = now + apartMs
    this.ids.push(id)
    this.times.push(now)
    if (this.ids.length > mostNotes) this.thinOut(now)
  }

  /**
   * Returns when the fiber `id` started: accurate to a few milliseconds, or to a hundredth of its age if it
   * is old.
   */
  at(id: number): number {
    // Binary search for the last note whose id is not greater.
    let low = 0
    let high = this.ids.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.ids[middle] ?? 0) <= id) low = middle + 1
      else high = middle
    }
    return this.times[low - 1] ?? this.began
  }

  /**
   * Drops notes so that older ones are further apart: their number then grows with the logarithm of the time.
   */
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
