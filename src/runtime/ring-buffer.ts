/** A FIFO buffer. Both ends cost O(1), and the memory of removed items is released. */
export class RingBuffer<X> {
  /** Its length is a power of two; slots that hold no item are undefined. */
  private places: Array<X | undefined> = []
  private first = 0
  private count = 0

  get size(): number {
    return this.count
  }

  /** The oldest item; undefined if the buffer is empty. */
  get oldest(): X | undefined {
    return this.places[this.first]
  }

  push(item: X): void {
    if (this.count === this.places.length) this.resize(Math.max(8, this.count * 2))
    this.places[(this.first + this.count) & (this.places.length - 1)] = item
    this.count++
  }

  /** Removes and returns the oldest item. The buffer must not be empty. */
  shift(): X {
    // SAFETY: `push` filled `count` slots from `first` on.
    const item = this.places[this.first] as X
    this.places[this.first] = undefined
    this.first = (this.first + 1) & (this.places.length - 1)
    this.count--
    if (this.places.length > 64 && this.count * 4 < this.places.length) this.resize(this.places.length / 2)
    return item
  }

  private resize(length: number): void {
    const { places, first, count } = this
    const resized: Array<X | undefined> = new Array(length)
    for (let index = 0; index < count; index++) resized[index] = places[(first + index) & (places.length - 1)]
    this.places = resized
    this.first = 0
  }
}
