/**
 * Formats a run for a human reader: which fiber ran when and how it continued, and which fiber waits for what
 * at the end.
 */

import { describeValue } from '../../data/check-input.js'
import type { Exit } from '../../data/exit.js'
import type { FiberId } from '../../data/reasons.js'
import { describeTree } from '../../runtime/observe/dump.js'
import { describeWaitCycle, findWaitCycles } from '../../runtime/observe/wait-cycles.js'
import type { Handle } from '../../runtime/public-fiber.js'
import { type FibersById, type RunFiber, renumbered, titleOf } from '../run/run-fiber.js'
import { didYield, type ExecutionTrace, type TraceSection } from './trace.js'

/**
 * Longer traces are abridged in the middle: the beginning and the end of a run are the most informative
 * parts.
 */
const linesFromStart = 12
const linesFromEnd = 40

const abridgedTrace = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const omitted = lines.length - linesFromStart - linesFromEnd
  return omitted <= 1
    ? lines
    : [...lines.slice(0, linesFromStart), `  ... ${omitted} more ...`, ...lines.slice(-linesFromEnd)]
}

// ---- which fiber ran when

function describeExit(exit: Exit<unknown, unknown>, fibersById: FibersById): string {
  if (exit._tag === 'Right') return 'ends'
  const [first] = exit.left.reasons
  switch (first._tag) {
    case 'Fail':
      return `fails with ${describeValue(first.error)}`
    case 'Die':
      return `dies of ${describeValue(first.defect)}`
    case 'Interrupt':
      return first.by._tag === 'Some'
        ? renumbered(`ends, interrupted by #${first.by.value}`, fibersById)
        : 'ends, interrupted'
  }
}

const traceNames = (verb: string, runFibers: ReadonlyArray<RunFiber>): ReadonlyArray<string> =>
  runFibers.length === 0 ? [] : [`${verb} ${runFibers.map(titleOf).join(', ')}`]

function whatOf(
  { subject, steps, started, woke, more, outcome }: TraceSection,
  fibersById: FibersById
): string {
  const isFiber = typeof subject !== 'string'
  const parts = [
    ...(isFiber ? [steps === 1 ? '1 step' : `${steps} steps`] : []),
    ...traceNames('starts', started),
    ...traceNames('wakes', woke),
    ...(more > 0 ? [`and ${more} more`] : [])
  ]
  if (outcome !== undefined) {
    if (outcome === didYield) parts.push(outcome)
    else if ('exit' in outcome) parts.push(describeExit(outcome.exit, fibersById))
    else parts.push([`then waits for ${outcome.on}`, ...outcome.path].join(', in '))
  }
  return parts.length === 0 ? 'wakes nobody' : parts.join(', ')
}

const subjectTitle = (subject: TraceSection['subject']): string => {
  switch (subject) {
    case 'timer':
      return 'a timer'
    case 'host':
      return 'the host'
    case 'interruption':
      return 'the test'
    default:
      return titleOf(subject)
  }
}

const wholeTrace = (ms: number): string => `${Math.round(ms * 1000) / 1000} ms`

/** Formats each section of the trace as one line: the virtual time, the subject, and what it did. */
export function formatTrace(trace: ExecutionTrace, fibersById: FibersById): string {
  const rows = trace.entries.map((section) => ({
    when: wholeTrace(section.at),
    subject: subjectTitle(section.subject),
    what: section.subject === 'interruption' ? 'interrupts #1' : whatOf(section, fibersById)
  }))
  const widest = (of: (row: (typeof rows)[number]) => string): number =>
    rows.reduce((width, row) => Math.max(width, of(row).length), 0)
  const [whenWidth, subjectWidth] = [
    widest(({ when }) => when),
    Math.min(
      40,
      widest(({ subject }) => subject)
    )
  ]
  const lines = rows.map(
    ({ when, subject, what }) => `  ${when.padStart(whenWidth)}  ${subject.padEnd(subjectWidth)}  ${what}`
  )
  const before = trace.dropped > 0 ? [`  ... ${trace.dropped} before that ...`] : []
  return [...before, ...abridgedTrace(lines)].join('\n')
}

// ---- which fiber waits for what

interface DumpLine {
  readonly text: string
  readonly depth: number
  /** The id of the fiber that the line describes, if it describes one. */
  readonly id: FiberId | undefined
}

const readLine = (text: string): DumpLine => {
  const id = /^ *fiber #(\d+)/.exec(text)?.[1]
  return { text, depth: /^ */.exec(text)?.[0].length ?? 0, id: id === undefined ? undefined : Number(id) }
}

/**
 * Returns the trees of the dump that contain fibers of the run: other runs may be in progress at the same
 * time.
 */
function traceLines(fibersById: FibersById): ReadonlyArray<DumpLine> {
  const trees: Array<Array<DumpLine>> = []
  for (const line of describeTree().split('\n').map(readLine)) {
    const tree = trees.at(-1)
    if (line.depth === 0 || tree === undefined) trees.push([line])
    else tree.push(line)
  }
  return trees.filter((tree) => tree.some(({ id }) => id !== undefined && fibersById.has(id))).flat()
}

/** Renumbers the fibers in a line of the dump and adds the title of the main fiber. */
const titled = (text: string, fibersById: FibersById): string =>
  renumbered(text, fibersById).replace(/^( *fiber #1)(?= {2})/, '$1 main')

/** Formats what the fibers of the run wait for, as a tree, followed by the detected wait cycles. */
export function describeWaiting(fibersById: FibersById): string {
  const lines = traceLines(fibersById)
  const tree = abridgedTrace(lines.map(({ text }) => `  ${titled(text, fibersById)}`))
  const titleIn = (fiber: Handle): string => {
    const runFiber = fibersById.get(fiber.id)
    return runFiber === undefined ? fiber.title : titleOf(runFiber)
  }
  const circles = findWaitCycles().filter((circle) => circle.some(({ fiber }) => fibersById.has(fiber.id)))
  return [...tree, ...circles.map((circle) => describeWaitCycle(circle, titleIn))].join('\n')
}
