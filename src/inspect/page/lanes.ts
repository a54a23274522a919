/**
 * Assigns each fiber to a line of the timeline: the first one that is free when the fiber starts. A fiber
 * keeps its line for as long as it is shown, so that the picture moves but does not jump.
 */
import type { Life } from '../protocol.js'

export class Lanes {
  /** The line of each fiber that is shown. */
  private lanes = new Map<number, number>()
  /** Until when each line is occupied. Infinity while its fiber is alive. */
  private until: Array<number> = []

  get size(): number {
    return this.until.length
  }

  of(fiberSpan: Life): number {
    return this.lanes.get(fiberSpan.fiber) ?? 0
  }

  /**
   * Assigns lines to the fibers that are shown now, and forgets the others. Costs time linear in the old
   * fibers, plus the number of lines for each new one.
   */
  update(ended: ReadonlyArray<Life>, living: ReadonlyArray<Life>): void {
    const before = this.lanes
    this.lanes = new Map()
    this.until = []
    const fresh: Array<Life> = []
    for (const fiberSpans of [ended, living])
      for (const fiberSpan of fiberSpans) {
        const lane = before.get(fiberSpan.fiber)
        if (lane === undefined) fresh.push(fiberSpan)
        else this.take(fiberSpan, lane)
      }
    for (let lane = 0; lane < this.until.length; lane++) this.until[lane] ??= 0
    for (const fiberSpan of fresh.sort((a, b) => a.from - b.from)) {
      const found = this.until.findIndex((until) => until <= fiberSpan.from)
      this.take(fiberSpan, found < 0 ? this.until.length : found)
    }
  }

  private take(fiberSpan: Life, lane: number): void {
    this.until[lane] = Math.max(this.until[lane] ?? 0, fiberSpan.to ?? Number.POSITIVE_INFINITY)
    this.lanes.set(fiberSpan.fiber, lane)
  }
}
