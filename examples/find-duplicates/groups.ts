/** The collector's store: takes the digests as they come, and gives the groups of files with the same content. */
import { Task } from 'aio-ts'
import type { Catalogue, Entry } from './catalogue.js'
import type { Hashed } from './hash.js'
import { sortRows } from './sort.js'
import { Column, Keys, RowIndex } from './table.js'

/** Two or more files with the same content. */
export interface Group {
  readonly size: number
  /** The bytes of all its files but one. */
  readonly wasted: number
  readonly digest: Uint8Array
  /** In the order of their paths. A file with several names appears once, by the first of them. */
  readonly files: Uint32Array
}

export interface Totals {
  readonly groups: number
  /** The number of files that could be deleted without losing any content. */
  readonly duplicates: number
  readonly wasted: number
}

export class Groups {
  /** Each digest, once. */
  private readonly digests = new Keys(32)
  /** The first file with a digest, by the row of the digest. */
  private readonly firsts = new Column(Uint32Array)
  /** A further file with the same digest; 0, which is no file, at the end. By the file's entry, from the first file on. */
  private readonly nexts = new Column(Uint32Array)
  /** The rows of the digests that several files have. */
  private readonly repeated = new Column(Uint32Array)
  private readonly index = new RowIndex(
    (row) => this.digests.hash(row),
    (left, right) => this.digests.same(left, right)
  )
  private duplicates = 0
  private wasted = 0

  constructor(private readonly catalogue: Catalogue) {}

  add({ entry, digest }: Hashed): void {
    const row = this.digests.push(digest)
    const known = this.index.claim(row)
    if (known === row) {
      this.firsts.set(row, entry)
      return
    }
    this.digests.pop()
    const first = this.firsts.get(known)
    const second = this.nexts.get(first)
    if (second === 0) this.repeated.push(known)
    this.nexts.set(first, entry)
    this.nexts.set(entry, second)
    this.duplicates++
    this.wasted += this.catalogue.sizeOf(entry)
  }

  get totals(): Totals {
    return { groups: this.repeated.length, duplicates: this.duplicates, wasted: this.wasted }
  }

  /**
   * Calls `f` with each group in turn, at most `most` of them, the most wasteful first; equally wasteful ones by the path of
   * their first file.
   */
  forEach<E>(
    f: (group: Group) => Task.Task<E, unknown>,
    most = Number.POSITIVE_INFINITY
  ): Task.Task<E, void> {
    const { catalogue, repeated } = this
    const counts = new Column(Uint32Array)
    const leads = new Column(Uint32Array)
    const wasted = (row: number): number => (counts.get(row) - 1) * this.sizeOf(repeated.get(row))
    const compare = (left: number, right: number): number =>
      wasted(right) - wasted(left) || catalogue.compare(leads.get(left), leads.get(right))
    const groups = this
    return Task.gen(function* () {
      for (let row = 0; row < repeated.length; row++) {
        const lead = groups.leadOf(repeated.get(row))
        counts.push(lead.count)
        leads.push(lead.file)
      }
      const order = yield* sortRows(
        Uint32Array.from({ length: repeated.length }, (_, at) => at),
        compare
      )
      for (const row of order.slice(0, most)) {
        const digest = repeated.get(row)
        const files = yield* sortRows(groups.filesOf(digest, counts.get(row)), (left, right) =>
          catalogue.compare(left, right)
        )
        yield* f({
          size: groups.sizeOf(digest),
          wasted: wasted(row),
          digest: groups.digests.at(digest),
          files
        })
      }
    })
  }

  /** The first of the files with the digest, and how many there are. */
  private leadOf(digest: number): { readonly file: Entry; readonly count: number } {
    const { catalogue } = this
    let file = catalogue.firstNameOf(this.firsts.get(digest))
    let count = 1
    for (let entry = this.nexts.get(this.firsts.get(digest)); entry !== 0; entry = this.nexts.get(entry)) {
      const name = catalogue.firstNameOf(entry)
      if (catalogue.compare(name, file) < 0) file = name
      count++
    }
    return { file, count }
  }

  /** The files with the digest, not sorted, each by the first of its names. */
  private filesOf(digest: number, count: number): Uint32Array {
    const files = new Uint32Array(count)
    for (let at = 0, entry = this.firsts.get(digest); at < count; at++, entry = this.nexts.get(entry)) {
      files[at] = this.catalogue.firstNameOf(entry)
    }
    return files
  }

  private sizeOf(digest: number): number {
    return this.catalogue.sizeOf(this.firsts.get(digest))
  }
}
