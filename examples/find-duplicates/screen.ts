/** The result on a terminal: the largest groups, on one screen. A result that is piped or saved is always complete. */
import { Task } from 'aio-ts'
import type { Group } from './groups.js'
import type { Output, OutputError } from './output.js'
import { type Findings, headOf, partialNotice, writeText } from './report.js'
import { count, pathAsLine, shortened } from './wording.js'

export interface Screen {
  readonly rows: number
  readonly columns: number
}

/** What is known of a stream that may be a terminal. */
export interface MaybeTerminal {
  readonly isTTY?: boolean
  readonly rows?: number
  readonly columns?: number
}

/** The size of the terminal, or undefined if the stream is none. A terminal without a size counts as 24 lines of 80. */
export const screenOf = ({ isTTY, rows, columns }: MaybeTerminal): Screen | undefined =>
  isTTY === true ? { rows: rows || 24, columns: columns || 80 } : undefined

const mostGroups = 10
const mostErrors = 3

/** The lines of a screen that are not for groups: the summary, which may take two, the prompt, and what is left out. */
const otherLines = 4

/** How many errors are listed on a screen. */
export const errorsOn = (screen: Screen | undefined): number =>
  screen === undefined ? Number.POSITIVE_INFINITY : mostErrors

const linesOfErrors = (errors: number): number =>
  errors === 0 ? 0 : 1 + Math.min(errors, mostErrors) + (errors > mostErrors ? 1 : 0)

/** The same as `writeText` if that fits on the screen. Otherwise the largest groups, two lines each. */
export const writeScreen =
  (screen: Screen) =>
  (findings: Findings, isPartial: boolean) =>
  (output: Output): Task.Task<OutputError, void> =>
    Task.gen(function* () {
      const { catalogue, groups, errors } = findings
      const lines = screen.rows - otherLines - linesOfErrors(errors.length) - (isPartial ? 2 : 0)
      const largest: Array<Group> = []
      yield* groups.forEach((group) => Task.sync(() => largest.push(group)), mostGroups)
      const { groups: all } = groups.totals
      if (all === largest.length && linesOf(findings, largest) <= lines)
        return yield* writeText(findings, isPartial)(output)

      if (isPartial) yield* output.write(partialNotice)
      const shown = largest.slice(0, Math.max(1, Math.floor(lines / 2)))
      for (const group of shown) {
        const [first, ...others] = group.files
        if (first === undefined) continue
        const rest = ` and ${others.length.toLocaleString('en-US')} more`
        const path = pathAsLine(catalogue.pathOf(first)).toString()
        yield* output.write(`${headOf(group)}  ${shortened(path, screen.columns - 3 - rest.length)}${rest}\n`)
      }
      const left = all - shown.length
      const what = left > 0 ? `${count(left, 'more group')}: ` : ''
      yield* output.write(`${what}--all prints every group with all of its files.\n`)
    })

/** How many lines `writeText` needs, with an empty line between groups. */
const linesOf = ({ catalogue }: Findings, groups: ReadonlyArray<Group>): number => {
  let lines = Math.max(0, groups.length - 1)
  for (const { files } of groups) {
    lines += 1 + files.length
    for (const file of files)
      if (catalogue.hasOtherNames(file)) lines += [...catalogue.otherNamesOf(file)].length
  }
  return lines
}
