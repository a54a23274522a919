/** The compact tables and the catalogue, against plain maps and arrays. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Catalogue, type Entry } from '../../../examples/find-duplicates/catalogue.js'
import { ErrorLog, PermissionDenied, ReadFailed } from '../../../examples/find-duplicates/file-error.js'
import { Column, Keys, Meeting, Names, RowIndex } from '../../../examples/find-duplicates/table.js'

describe('Column', () => {
  it('returns what was set, and 0 elsewhere, across its chunks', () => {
    const column = new Column(Float64Array)
    column.set(200_000, 2 ** 40 + 0.5)
    expect([column.length, column.get(200_000), column.get(199_999), column.get(300_000)]).toEqual([
      200_001,
      2 ** 40 + 0.5,
      0,
      0
    ])
    expect(column.push(7)).toBe(200_001)
  })
})

describe('Names', () => {
  it('returns every name, also if it did not fit into the rest of a chunk', () => {
    const names = new Names()
    const texts = Array.from({ length: 30_000 }, (_, index) => `${index}-${'x'.repeat(index % 256)}`)
    const places = texts.map((text) => names.push(Buffer.from(text)))
    expect(places.map((place) => names.at(place).toString())).toEqual(texts)
  })
})

describe('RowIndex', () => {
  it('behaves like a Map', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(400), { maxLength: 3000 }), (values) => {
        const index = new RowIndex(
          // A bad hash, so that there are collisions.
          (row) => (values[row] ?? 0) % 7,
          (left, right) => values[left] === values[right]
        )
        const first = new Map<number, number>()
        for (const [row, value] of values.entries()) {
          if (!first.has(value)) first.set(value, row)
          expect(index.claim(row)).toBe(first.get(value))
        }
      }),
      { numRuns: 50 }
    )
  })
})

describe('Keys', () => {
  it('are equal if their bytes are', () => {
    const keys = new Keys(4)
    for (const text of ['abcd', 'abce', 'abcd']) keys.push(Buffer.from(text))
    expect([keys.same(0, 1), keys.same(0, 2), keys.hash(0) === keys.hash(2)]).toEqual([false, true, true])
  })
})

describe('Meeting', () => {
  it('returns each row with an equal once, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (values) => {
        const meeting = new Meeting(
          (row) => values[row] ?? 0,
          (left, right) => values[left] === values[right]
        )
        const out = values.flatMap((_, row) => meeting.arrive(row))
        const expected = [...values.keys()].filter(
          (row) => values.filter((value) => value === values[row]).length > 1
        )
        expect([...out].sort((a, b) => a - b)).toEqual(expected)
      })
    )
  })
})

/** Adds every path to the catalogue, folders as they are needed, and gives the files' entries. */
const catalogued = (
  paths: ReadonlyArray<string>
): { catalogue: Catalogue; entries: ReadonlyArray<Entry> } => {
  const catalogue = new Catalogue('root')
  const folders = new Map<string, Entry>([['', 0]])
  const folderOf = (path: string): Entry => {
    const known = folders.get(path)
    if (known !== undefined) return known
    const cut = path.lastIndexOf('/')
    const entry = catalogue.add(
      folderOf(path.slice(0, Math.max(0, cut))),
      Buffer.from(path.slice(cut + 1), 'latin1'),
      0
    )
    folders.set(path, entry)
    return entry
  }
  const entries = paths.map((path) => {
    const cut = path.lastIndexOf('/')
    return catalogue.add(
      folderOf(path.slice(0, Math.max(0, cut))),
      Buffer.from(path.slice(cut + 1), 'latin1'),
      1
    )
  })
  return { catalogue, entries }
}

describe('Catalogue', () => {
  it('joins paths, below a root however it is written', () => {
    for (const [root, path] of [
      ['a', 'a/x/y'],
      ['a/', 'a/x/y'],
      ['/', '/x/y'],
      ['/a//', '/a/x/y'],
      ['.', './x/y']
    ] as const) {
      const catalogue = new Catalogue(root)
      const folder = catalogue.add(0, Buffer.from('x'), 0)
      const file = catalogue.add(folder, Buffer.from('y'), 1)
      expect(catalogue.pathOf(file).toString()).toBe(path)
      expect(catalogue.pathIn(folder, Buffer.from('y')).toString()).toBe(path)
    }
    expect(new Catalogue('/').pathOf(0).toString()).toBe('/')
    expect(new Catalogue('a').pathOf(0).toString()).toBe('a')
  })

  it('orders entries as the bytes of their paths', () => {
    // Characters that stand before and after the slash, and a byte that is no UTF-8.
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '.', '0', '\xff'),
      minLength: 1,
      maxLength: 3
    })
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'))
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 40 }), (paths) => {
        // A path that is also a folder of another is no file.
        const files = paths.filter((one) => !paths.some((other) => other.startsWith(`${one}/`)))
        const { catalogue, entries } = catalogued(files)
        const ordered = [...entries].sort((a, b) => catalogue.compare(a, b))
        expect(ordered.map((entry) => catalogue.pathOf(entry).toString('latin1').slice(5))).toEqual(
          [...files].sort()
        )
      })
    )
  })

  it('puts a folder before its entries', () => {
    const catalogue = new Catalogue('root')
    const folder = catalogue.add(0, Buffer.from('x'), 0)
    const file = catalogue.add(folder, Buffer.from('y'), 1)
    expect([
      catalogue.compare(folder, file) < 0,
      catalogue.compare(file, folder) > 0,
      catalogue.compare(0, file) < 0
    ]).toEqual([true, true, true])
  })

  it('knows all names of a file from each of them', () => {
    const { catalogue, entries } = catalogued(['c', 'a', 'b', 'other'])
    const [c = 0, a = 0, b = 0, other = 0] = entries
    catalogue.addName(c, a)
    catalogue.addName(c, b)
    for (const entry of [a, b, c]) {
      expect(catalogue.firstNameOf(entry)).toBe(a)
      expect([entry, ...catalogue.otherNamesOf(entry)].sort()).toEqual([a, b, c].sort())
    }
    expect([...catalogue.otherNamesOf(other)]).toEqual([])
  })
})

describe('ErrorLog', () => {
  it('returns each error with its entry', () => {
    const log = new ErrorLog()
    log.note(3, new PermissionDenied())
    log.note(5, new ReadFailed('EIO'))
    log.note(4, new ReadFailed('EBUSY'))
    log.note(9, new PermissionDenied())
    expect([0, 1, 2, 3].map((row) => [log.entryAt(row), log.errorAt(row).reason])).toEqual([
      [3, 'permission denied'],
      [5, 'cannot be read (EIO)'],
      [4, 'cannot be read (EBUSY)'],
      [9, 'permission denied']
    ])
  })
})
