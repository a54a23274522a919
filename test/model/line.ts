/** What each fiber waits for, as the model sees it from outside, and whether waiters are served in order. */
import type { Fiber } from 'aio-ts'

/** One who waits, or is about to. */
export interface Place {
  readonly fiber: Fiber<unknown, unknown>
  /** What it asks for: permits, or 1. */
  readonly asking: number
  /** When it was first seen waiting; between two looks nobody knows who came first. */
  since: number
}

export class Line {
  readonly places: Set<Place> = new Set()
  private looks = 0

  /** `on` is what the fibers say that they wait for. */
  constructor(readonly on: string) {}

  get size(): number {
    return this.places.size
  }

  add(fiber: Fiber<unknown, unknown>, asking: number): Place {
    this.look()
    const place = { fiber, asking, since: Number.POSITIVE_INFINITY }
    this.places.add(place)
    return place
  }

  remove(place: Place): void {
    this.look()
    this.places.delete(place)
  }

  private isParked = ({ fiber }: Place): boolean => {
    const status = fiber.status()
    return status._tag === 'Waiting' && status.on.startsWith(this.on)
  }

  /** Those who wait now. */
  look(): ReadonlyArray<Place> {
    const parked = [...this.places].filter(this.isParked)
    this.looks++
    for (const place of parked) place.since = Math.min(place.since, this.looks)
    return parked
  }

  /** Those of whom nobody else is known to have come before. */
  heads(): ReadonlyArray<Place> {
    const parked = this.look()
    const first = Math.min(...parked.map(({ since }) => since))
    return parked.filter(({ since }) => since === first)
  }

  /** Of those who waited before, who have been served since, and who of them had somebody before them that was not. */
  servedOf(before: ReadonlyArray<Place>): { readonly served: number; readonly overtaken: number } {
    const served = before.filter((place) => !this.isParked(place))
    const left = before.filter((place) => this.isParked(place))
    const overtaken = served.filter((place) => left.some(({ since }) => since < place.since))
    return { served: served.length, overtaken: overtaken.length }
  }
}
