/**
 * Tables whose rows are not objects.
 *
 * A million small objects with a path each cost some hundreds of megabytes of heap; the same rows in typed arrays cost no
 * more than their data. Everything here grows by whole chunks and copies nothing, so that memory has no peak while it
 * grows. Only the slots of `RowIndex` are allocated anew, at four bytes each.
 */

const chunkBits = 16
const chunkLength = 2 ** chunkBits
const chunkMask = chunkLength - 1

type Cells = Uint8Array | Uint32Array | Float64Array

/** Numbers by row. A row that was never set holds 0, and a chunk of such rows takes no memory. */
export class Column {
  private readonly chunks: Array<Cells | undefined> = []
  private rows = 0

  constructor(private readonly Chunk: new (length: number) => Cells) {}

  get length(): number {
    return this.rows
  }

  get(row: number): number {
    return this.chunks[row >>> chunkBits]?.[row & chunkMask] ?? 0
  }

  set(row: number, value: number): void {
    const index = row >>> chunkBits
    // The array must have no holes, since V8 would turn it into a slow dictionary.
    while (this.chunks.length <= index) this.chunks.push(undefined)
    const chunk = this.chunks[index] ?? new this.Chunk(chunkLength)
    this.chunks[index] = chunk
    chunk[row & chunkMask] = value
    if (row >= this.rows) this.rows = row + 1
  }

  /** Returns the new row. */
  push(value: number): number {
    const row = this.rows
    this.set(row, value)
    return row
  }
}

/** Keys of a fixed number of bytes by row. */
export class Keys {
  private readonly chunks: Array<Uint8Array> = []
  private rows = 0

  constructor(private readonly width: number) {}

  get length(): number {
    return this.rows
  }

  /** A view, not a copy. */
  at(row: number): Uint8Array {
    const chunk = this.chunks[row >>> chunkBits]
    if (chunk === undefined) throw new RangeError(`there is no row ${row}, only ${this.rows}`)
    const start = (row & chunkMask) * this.width
    return chunk.subarray(start, start + this.width)
  }

  push(key: Uint8Array): number {
    const row = this.rows++
    if (row >>> chunkBits === this.chunks.length) this.chunks.push(new Uint8Array(chunkLength * this.width))
    this.at(row).set(key)
    return row
  }

  /** Takes back the last row. */
  pop(): void {
    this.rows--
  }

  same(left: number, right: number): boolean {
    return Buffer.compare(this.at(left), this.at(right)) === 0
  }

  /** FNV-1a. */
  hash(row: number): number {
    let hash = 0x811c9dc5
    for (const byte of this.at(row)) hash = Math.imul(hash ^ byte, 0x01000193)
    return hash
  }
}

const nothing = Buffer.alloc(2)
const nameChunkBits = 20
const nameChunkLength = 2 ** nameChunkBits

/** Byte strings of up to 65,535 bytes, one after the other, each preceded by its length. */
export class Names {
  private readonly chunks: Array<Buffer> = []
  /** Where the next name begins, counted over all chunks; never within the last two bytes of a chunk. */
  private end = 0

  /** Returns where the name begins. */
  push(name: Uint8Array): number {
    const free = nameChunkLength - (this.end & (nameChunkLength - 1))
    if (free < name.length + 2) this.end += free
    const at = this.end
    if (at + name.length + 2 > 2 ** 32) throw new RangeError('more than 4 GiB of file names')
    const index = at >>> nameChunkBits
    const chunk = this.chunks[index] ?? Buffer.alloc(nameChunkLength)
    this.chunks[index] = chunk
    const start = at & (nameChunkLength - 1)
    chunk.writeUInt16LE(name.length, start)
    chunk.set(name, start + 2)
    this.end = at + name.length + 2
    return at
  }

  /** A view, not a copy. */
  at(at: number): Buffer {
    const chunk = this.chunks[Math.floor(at / nameChunkLength)]
    if (chunk === undefined) throw new RangeError(`there is no name at ${at}`)
    const start = at & (nameChunkLength - 1)
    return chunk.subarray(start + 2, start + 2 + chunk.readUInt16LE(start))
  }

  /**
   * Compares byte by byte. Where a name ends, `endLeft` or `endRight` is used as its next byte. It makes no views of the
   * names, since with two for each comparison a sort of a million names takes three times as long.
   */
  compare(left: number, right: number, endLeft: number, endRight: number): number {
    const chunkLeft = this.chunks[Math.floor(left / nameChunkLength)] ?? nothing
    const chunkRight = this.chunks[Math.floor(right / nameChunkLength)] ?? nothing
    const startLeft = (left & (nameChunkLength - 1)) + 2
    const startRight = (right & (nameChunkLength - 1)) + 2
    const lengthLeft = chunkLeft.readUInt16LE(startLeft - 2)
    const lengthRight = chunkRight.readUInt16LE(startRight - 2)
    for (let index = 0; index < lengthLeft && index < lengthRight; index++) {
      const order = (chunkLeft[startLeft + index] ?? 0) - (chunkRight[startRight + index] ?? 0)
      if (order !== 0) return order
    }
    const shorter = Math.min(lengthLeft, lengthRight)
    return (
      (lengthLeft > shorter ? (chunkLeft[startLeft + shorter] ?? 0) : endLeft) -
      (lengthRight > shorter ? (chunkRight[startRight + shorter] ?? 0) : endRight)
    )
  }
}

/** A hash table of row numbers (open addressing). Its maker defines which rows are equal. */
export class RowIndex {
  /** A row plus 1; 0 is a free slot. The length is a power of two and at least a third of it is free. */
  private slots = new Uint32Array(1024)
  private used = 0

  constructor(
    private readonly hash: (row: number) => number,
    private readonly same: (left: number, right: number) => boolean
  ) {}

  /** The first row with the same key; `row` itself if it is the first. */
  claim(row: number): number {
    if (this.used * 3 >= this.slots.length * 2) this.grow()
    const slot = this.slotOf(row)
    const holder = this.slots[slot] ?? 0
    if (holder !== 0) return holder - 1
    this.slots[slot] = row + 1
    this.used++
    return row
  }

  private slotOf(row: number): number {
    const mask = this.slots.length - 1
    let slot = spread(this.hash(row)) & mask
    for (;;) {
      const holder = this.slots[slot] ?? 0
      if (holder === 0 || this.same(holder - 1, row)) return slot
      slot = (slot + 1) & mask
    }
  }

  private grow(): void {
    const former = this.slots
    this.slots = new Uint32Array(former.length * 2)
    for (const holder of former) if (holder !== 0) this.slots[this.slotOf(holder - 1)] = holder
  }
}

/** Murmur's finishing steps: neighbouring sizes and inode numbers must not land in neighbouring slots. */
const spread = (hash: number): number => {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Finds the rows whose key another row has too, each once, and the first of them as soon as the second arrives. */
export class Meeting {
  private readonly index: RowIndex
  /** 1 for a first row that has been returned already. */
  private readonly met = new Column(Uint8Array)

  constructor(hash: (row: number) => number, same: (left: number, right: number) => boolean) {
    this.index = new RowIndex(hash, same)
  }

  /** No row for the first of a key, both for the second, and then each further row. */
  arrive(row: number): ReadonlyArray<number> {
    const first = this.index.claim(row)
    if (first === row) return []
    if (this.met.get(first) === 1) return [row]
    this.met.set(first, 1)
    return [first, row]
  }
}
