/**
 * What the walk has found, as a tree: each entry has its folder and its own name, and a path is only built when it is
 * needed. An entry takes about 20 bytes plus its name, so a million files fit in 50 MB, however deep they are.
 *
 * Paths are bytes throughout: on Linux a file name need not be UTF-8.
 */
import { Column, Names } from './table.js'

/** The number of a file or a folder in the catalogue; 0 is the folder that is searched. */
export type Entry = number

const slash = 0x2f

export class Catalogue {
  private readonly folders = new Column(Uint32Array)
  private readonly nameAt = new Column(Uint32Array)
  private readonly sizes = new Column(Float64Array)
  /** The next name of the same file (hard links), in a cycle; 0, which is no file, if it has no other name. */
  private readonly nextNames = new Column(Uint32Array)
  private readonly names = new Names()

  /** `root` is kept as the user wrote it: the paths begin with it, as those of `find` do. */
  constructor(root: string) {
    this.add(0, Buffer.from(root.replace(/\/+$/, '')), 0)
  }

  get length(): number {
    return this.folders.length
  }

  add(folder: Entry, name: Uint8Array, size: number): Entry {
    this.folders.push(folder)
    this.nameAt.push(this.names.push(name))
    return this.sizes.push(size)
  }

  sizeOf(entry: Entry): number {
    return this.sizes.get(entry)
  }

  /** `other` is a further name of the file `entry`. */
  addName(entry: Entry, other: Entry): void {
    this.nextNames.set(other, this.nextNames.get(entry) || entry)
    this.nextNames.set(entry, other)
  }

  /** The first of all names of the file, in their order. */
  firstNameOf(entry: Entry): Entry {
    let first = entry
    if (!this.hasOtherNames(entry)) return first
    for (const other of this.otherNamesOf(entry)) if (this.compare(other, first) < 0) first = other
    return first
  }

  hasOtherNames(entry: Entry): boolean {
    return this.nextNames.get(entry) !== 0
  }

  *otherNamesOf(entry: Entry): Generator<Entry, void> {
    const start = this.nextNames.get(entry)
    if (start === 0) return
    for (let other = start; other !== entry; other = this.nextNames.get(other)) yield other
  }

  pathOf(entry: Entry): Buffer {
    return entry === 0 && this.nameOf(0).length === 0 ? Buffer.from('/') : this.join(entry, 0)
  }

  /** The path of something in `folder` that has no entry of its own. */
  pathIn(folder: Entry, name: Uint8Array): Buffer {
    const path = this.join(folder, name.length + 1)
    path[path.length - name.length - 1] = slash
    path.set(name, path.length - name.length)
    return path
  }

  /** Compares by the bytes of the paths (as `LC_ALL=C sort` does), without building the paths. */
  compare(left: Entry, right: Entry): number {
    if (left === right) return 0
    let a = left
    let b = right
    if (this.folders.get(a) !== this.folders.get(b)) {
      const depthA = this.depthOf(a)
      const depthB = this.depthOf(b)
      for (let depth = depthA; depth > depthB; depth--) a = this.folders.get(a)
      for (let depth = depthB; depth > depthA; depth--) b = this.folders.get(b)
      if (a === b) return depthA - depthB
      while (this.folders.get(a) !== this.folders.get(b)) {
        a = this.folders.get(a)
        b = this.folders.get(b)
      }
    }
    return this.names.compare(this.nameAt.get(a), this.nameAt.get(b), end(a !== left), end(b !== right))
  }

  private nameOf(entry: Entry): Buffer {
    return this.names.at(this.nameAt.get(entry))
  }

  private depthOf(entry: Entry): number {
    let depth = 0
    for (let at = entry; at !== 0; at = this.folders.get(at)) depth++
    return depth
  }

  /** The path of `entry` with room for `extra` bytes behind it. */
  private join(entry: Entry, extra: number): Buffer {
    let length = this.nameOf(0).length
    for (let at = entry; at !== 0; at = this.folders.get(at)) length += this.nameOf(at).length + 1
    const path = Buffer.allocUnsafe(length + extra)
    let end = length
    for (let at = entry; at !== 0; at = this.folders.get(at)) {
      const name = this.nameOf(at)
      path.set(name, end - name.length)
      end -= name.length + 1
      path[end] = slash
    }
    path.set(this.nameOf(0), 0)
    return path
  }
}

/** The byte that follows a name in its path: a slash if the name is a folder on the way, else none. */
const end = (isOnTheWay: boolean): number => (isOnTheWay ? slash : -1)
