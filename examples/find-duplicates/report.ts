/** The result: what is printed to stdout, for people or as JSON, and the errors and the summary on stderr. */
import { Task } from 'aio-ts'
import type { Catalogue, Entry } from './catalogue.js'
import type { ErrorLog, FileError } from './file-error.js'
import type { Group, Groups } from './groups.js'
import type { Output, OutputError, Piece } from './output.js'
import { sortRows } from './sort.js'
import type { Tally } from './tally.js'
import { count, pathAsLine, pathAsText, sizeInWords } from './wording.js'

export interface Findings {
  readonly folder: string
  readonly catalogue: Catalogue
  readonly groups: Groups
  readonly errors: ErrorLog
  readonly tally: Tally
}

/** The first lines of the text after an interrupted search. */
export const partialNotice = 'Partial result: the search was broken off.\n\n'

/** `isPartial`: the search was interrupted. */
export const writeText =
  (findings: Findings, isPartial: boolean) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      if (isPartial) yield* output.write(partialNotice)
      let separator = ''
      yield* findings.groups.forEach((group) => {
        const pieces = textOf(findings.catalogue, group, separator)
        separator = '\n'
        return output.writeAll(pieces)
      })
    })

/** The first line of a group. */
export const headOf = ({ wasted, files, size }: Group): string =>
  `${sizeInWords(wasted)} wasted: ${count(files.length, 'file')} of ${count(size, 'byte')}\n`

function* textOf(catalogue: Catalogue, group: Group, separator: string): Generator<Piece, void> {
  yield separator + headOf(group)
  for (const file of group.files) {
    yield '  '
    yield pathAsLine(catalogue.pathOf(file))
    yield '\n'
    for (const name of sortedNames(catalogue, file)) {
      yield '    the same file: '
      yield pathAsLine(catalogue.pathOf(name))
      yield '\n'
    }
  }
}

const none: ReadonlyArray<Entry> = []

/** The file's other names. */
const sortedNames = (catalogue: Catalogue, file: Entry): ReadonlyArray<Entry> =>
  catalogue.hasOtherNames(file)
    ? [...catalogue.otherNamesOf(file)].sort((left, right) => catalogue.compare(left, right))
    : none

/** README.md describes the shape. It is written piece by piece, since as one value it might not fit in memory. */
export const writeJson =
  (findings: Findings, isPartial: boolean) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      const { catalogue, groups, errors, tally } = findings
      const folder = JSON.stringify(findings.folder)
      yield* output.write(`{\n"version": 1,\n"folder": ${folder},\n"partial": ${isPartial},\n"groups": [`)
      let separator = '\n'
      yield* groups.forEach((group) => {
        const pieces = jsonOf(catalogue, group, separator)
        separator = ',\n'
        return output.writeAll(pieces)
      })
      yield* output.write('\n],\n"errors": [')
      separator = '\n'
      yield* forEachError(findings, (entry, { _tag, reason }) => {
        const error = `{"_tag": "${_tag}", "path": ${jsonPath(catalogue, entry)}, "reason": ${JSON.stringify(reason)}}`
        const piece = separator + error
        separator = ',\n'
        return output.write(piece)
      })
      const { files, folders, bytes, read } = tally
      const summary = { files, folders, bytes, bytesRead: read, ...groups.totals, errors: errors.length }
      yield* output.write(`\n],\n"summary": ${JSON.stringify(summary)}\n}\n`)
    })

function* jsonOf(catalogue: Catalogue, group: Group, separator: string): Generator<Piece, void> {
  const { size, wasted, digest, files } = group
  const sha256 = Buffer.from(digest).toString('hex')
  yield `${separator}{"size": ${size}, "wasted": ${wasted}, "sha256": "${sha256}", "files": `
  yield* jsonPaths(catalogue, files)
  yield ', "hardLinks": {'
  let comma = ''
  for (const file of files) {
    if (!catalogue.hasOtherNames(file)) continue
    yield `${comma}${jsonPath(catalogue, file)}: `
    yield* jsonPaths(catalogue, sortedNames(catalogue, file))
    comma = ', '
  }
  yield '}}'
}

const jsonPath = (catalogue: Catalogue, entry: Entry): string =>
  JSON.stringify(pathAsText(catalogue.pathOf(entry)))

function* jsonPaths(catalogue: Catalogue, entries: Iterable<Entry>): Generator<Piece, void> {
  yield '['
  let comma = ''
  for (const entry of entries) {
    yield comma + jsonPath(catalogue, entry)
    comma = ', '
  }
  yield ']'
}

/** The files that could not be compared, one line each, at most `most` of them. */
export const writeErrors =
  (findings: Findings, most = Number.POSITIVE_INFINITY) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      const { catalogue, errors } = findings
      if (errors.length === 0) return
      yield* output.write(`${count(errors.length, 'name')} could not be compared:\n`)
      yield* forEachError(
        findings,
        (entry, { reason }) => output.writeAll(['  ', pathAsLine(catalogue.pathOf(entry)), `: ${reason}\n`]),
        most
      )
      if (errors.length > most) yield* output.write(`  and ${count(errors.length - most, 'other')}\n`)
    })

export const writeSummary =
  ({ groups, tally }: Findings, isPartial: boolean, seconds: number) =>
  (output: Output): Task.Task<OutputError, void> => {
    const totals = groups.totals
    const found =
      totals.groups === 0
        ? 'No duplicates'
        : `${count(totals.groups, 'group')} of duplicates, ${count(totals.duplicates, 'file')} more than needed, ` +
          `${sizeInWords(totals.wasted)} wasted`
    const seen = `${count(tally.files, 'file')} in ${count(tally.folders, 'folder')} seen`
    const until = isPartial ? ' when the search was broken off' : ''
    return output.write(
      `${found}${until}. ${seen}, ${sizeInWords(tally.read)} read, in ${seconds.toFixed(1)} s.\n`
    )
  }

/** In the order of the paths, at most `most` of them. */
const forEachError = <E>(
  { catalogue, errors }: Findings,
  f: (entry: Entry, error: FileError) => Task.Task<E, unknown>,
  most = Number.POSITIVE_INFINITY
): Task.Task<E, void> =>
  Task.gen(function* () {
    const order = yield* sortRows(
      Uint32Array.from({ length: errors.length }, (_, row) => row),
      (left, right) => catalogue.compare(errors.entryAt(left), errors.entryAt(right))
    )
    for (const row of order.slice(0, most)) yield* f(errors.entryAt(row), errors.errorAt(row))
  })
