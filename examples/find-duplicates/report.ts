/** The result: what is printed to stdout, for people or as JSON, and what is said about it on stderr. */
import { Task } from 'aio-ts'
import type { Catalogue, Entry } from './catalogue.js'
import type { ErrorLog } from './file-error.js'
import type { Group, Groups } from './groups.js'
import type { Output, OutputError } from './output.js'
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

/** `isPartial`: the search was broken off. */
export const writeText =
  (findings: Findings, isPartial: boolean) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      if (isPartial) yield* output.write('Partial result: the search was broken off.\n\n')
      let isFirst = true
      yield* findings.groups.forEach((group) =>
        Task.gen(function* () {
          yield* output.write(isFirst ? headline(group) : `\n${headline(group)}`)
          isFirst = false
          for (const file of group.files) yield* writeNames(findings.catalogue, file, output)
        })
      )
    })

const headline = (group: Group): string =>
  `${sizeInWords(group.wasted)} wasted: ${count(group.files.length, 'file')} of ${count(group.size, 'byte')}\n`

const writeNames = (catalogue: Catalogue, file: Entry, output: Output): Task.Task<OutputError, void> =>
  Task.gen(function* () {
    const path = pathAsLine(catalogue.pathOf(file))
    yield* output.write(Buffer.concat([Buffer.from('  '), path, Buffer.from('\n')]))
    for (const name of sortedNames(catalogue, file)) {
      const other = pathAsLine(catalogue.pathOf(name))
      yield* output.write(Buffer.concat([Buffer.from('    the same file: '), other, Buffer.from('\n')]))
    }
  })

const sortedNames = (catalogue: Catalogue, file: Entry): ReadonlyArray<Entry> =>
  [...catalogue.otherNamesOf(file)].sort((left, right) => catalogue.compare(left, right))

/** The shape is described in README.md. Written piece by piece: as one value it might not fit in memory. */
export const writeJson =
  (findings: Findings, isPartial: boolean) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      const { catalogue, groups, errors, tally } = findings
      const text = (entry: Entry): string => JSON.stringify(pathAsText(catalogue.pathOf(entry)))
      yield* output.write(
        `{\n"version": 1,\n"folder": ${JSON.stringify(findings.folder)},\n"partial": ${isPartial},\n`
      )
      yield* output.write('"groups": [')
      let separator = '\n'
      yield* groups.forEach(({ size, wasted, digest, files }) =>
        Task.gen(function* () {
          const sha256 = Buffer.from(digest).toString('hex')
          yield* output.write(
            `${separator}{"size": ${size}, "wasted": ${wasted}, "sha256": "${sha256}", "files": [`
          )
          separator = ',\n'
          for (const [index, file] of files.entries())
            yield* output.write((index === 0 ? '' : ', ') + text(file))
          yield* output.write('], "hardLinks": {')
          let comma = ''
          for (const file of files) {
            const names = sortedNames(catalogue, file)
            if (names.length === 0) continue
            yield* output.write(`${comma}${text(file)}: [${names.map(text).join(', ')}]`)
            comma = ', '
          }
          yield* output.write('}}')
        })
      )
      yield* output.write('\n],\n"errors": [')
      let isFirst = true
      yield* forEachError(findings, (entry, row) => {
        const { _tag, reason } = errors.errorAt(row)
        const lead = isFirst ? '\n' : ',\n'
        isFirst = false
        return output.write(
          `${lead}{"_tag": "${_tag}", "path": ${text(entry)}, "reason": ${JSON.stringify(reason)}}`
        )
      })
      const { files, folders, bytes, read } = tally
      const summary = { files, folders, bytes, bytesRead: read, ...groups.totals, errors: errors.length }
      yield* output.write(`\n],\n"summary": ${JSON.stringify(summary)}\n}\n`)
    })

/** What could not be compared, one line each. */
export const writeErrors =
  (findings: Findings) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      const { catalogue, errors } = findings
      if (errors.length === 0) return
      yield* output.write(`${count(errors.length, 'name')} could not be compared:\n`)
      yield* forEachError(findings, (entry, row) =>
        output.write(
          Buffer.concat([
            Buffer.from('  '),
            pathAsLine(catalogue.pathOf(entry)),
            Buffer.from(`: ${errors.errorAt(row).reason}\n`)
          ])
        )
      )
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

/** In the order of the paths. */
const forEachError = <E>(
  { catalogue, errors }: Findings,
  f: (entry: Entry, row: number) => Task.Task<E, unknown>
): Task.Task<E, void> =>
  Task.gen(function* () {
    const order = yield* sortRows(
      Uint32Array.from({ length: errors.length }, (_, row) => row),
      (left, right) => catalogue.compare(errors.entryAt(left), errors.entryAt(right))
    )
    for (const row of order) yield* f(errors.entryAt(row), row)
  })
