/** The collector's store: digests as they come in, and out of it the groups of files with the same content. */
import { Task } from 'aio-ts'
import type { Catalogue } from './catalogue.js'
import type { Hashed } from './hash.js'
import { sortRows } from './sort.js'
import { Column, Keys, RowIndex } from './table.js'

/** Two or more files with the same content. */
export interface Group {
  readonly size: number
  /** What all of the files but one take up. */
  readonly wasted: number
  readonly digest: Uint8Array
  /** In the order of their paths. A file with several names is one file: here by the first of them. */
  readonly files: Uint32Array
}

export interface Totals {
  readonly groups: number
  /** Files that could go without any content being lost. */
  readonly duplicates: number
  readonly wasted: number
}

export class Groups {
  private readonly entries = new Column(Uint32Array)
  private readonly digests = new Keys(32)
  /** A further row with the same digest, plus 1; 0 at the end. The chain begins at the digest's first row. */
  private readonly nextRows = new Column(Uint32Array)
  /** How many rows follow a digest's first row. */
  private readonly followers = new Column(Uint32Array)
  /** The first rows of those digests that came more than once. */
  private readonly heads = new Column(Uint32Array)
  private readonly index = new RowIndex(
    (row) => this.digests.hash(row),
    (left, right) => this.digests.same(left, right)
  )
  private duplicates = 0
  private wasted = 0

  constructor(private readonly catalogue: Catalogue) {}

  add({ entry, digest }: Hashed): void {
    const row = this.digests.push(digest)
    this.entries.push(entry)
    const head = this.index.claim(row)
    if (head === row) return
    this.nextRows.set(row, this.nextRows.get(head))
    this.nextRows.set(head, row + 1)
    const followers = this.followers.get(head) + 1
    this.followers.set(head, followers)
    if (followers === 1) this.heads.push(head)
    this.duplicates++
    this.wasted += this.catalogue.sizeOf(entry)
  }

  get totals(): Totals {
    return { groups: this.heads.length, duplicates: this.duplicates, wasted: this.wasted }
  }

  /** Calls `f` for each group in turn, the most wasteful first; equally wasteful ones by the path of their first file. */
  forEach<E>(f: (group: Group) => Task.Task<E, unknown>): Task.Task<E, void> {
    const groups = this
    return Task.gen(function* () {
      for (const head of yield* groups.sortedHeads()) {
        const files = yield* sortRows(groups.filesOf(head), (left, right) =>
          groups.catalogue.compare(left, right)
        )
        const size = groups.catalogue.sizeOf(groups.entries.get(head))
        yield* f({ size, wasted: groups.wastedBy(head), digest: groups.digests.at(head), files })
      }
    })
  }

  private sortedHeads(): Task.Task<never, Uint32Array> {
    const { catalogue, heads } = this
    const firsts = new Column(Uint32Array)
    const rows = new Uint32Array(heads.length)
    for (let row = 0; row < rows.length; row++) {
      rows[row] = row
      firsts.push(
        this.filesOf(heads.get(row)).reduce((best, entry) =>
          catalogue.compare(entry, best) < 0 ? entry : best
        )
      )
    }
    const order = sortRows(
      rows,
      (left, right) =>
        this.wastedBy(heads.get(right)) - this.wastedBy(heads.get(left)) ||
        catalogue.compare(firsts.get(left), firsts.get(right))
    )
    return Task.map((sorted: Uint32Array) => sorted.map((row) => heads.get(row)))(order)
  }

  private wastedBy(head: number): number {
    return this.followers.get(head) * this.catalogue.sizeOf(this.entries.get(head))
  }

  private filesOf(head: number): Uint32Array {
    const files = new Uint32Array(this.followers.get(head) + 1)
    for (let at = 0, row = head; at < files.length; at++) {
      files[at] = this.catalogue.firstNameOf(this.entries.get(row))
      row = this.nextRows.get(row) - 1
    }
    return files
  }
}
