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
import { type ExecutionTrace, isPolite, type TraceSection } from './trace.js'

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

function describeExit(exit: Exit<unknown, unknown>, cast: FibersById): string {
  if (exit._tag === 'Right') return 'ends'
  const [first] = exit.left.reasons
  switch (first._tag) {
    case 'Fail':
      return `fails with ${describeValue(first.error)}`
    case 'Die':
      return `dies of ${describeValue(first.defect)}`
    case 'Interrupt':
      return first.by._tag === 'Some'
        ? renumbered(`ends, interrupted by #${first.by.value}`, cast)
        : 'ends, interrupted'
  }
}

const traceNames = (verb: string, actors: ReadonlyArray<RunFiber>): ReadonlyArray<string> =>
  actors.length === 0 ? [] : [`${verb} ${actors.map(titleOf).join(', ')}`]

function whatOf({ who, steps, started, woke, more, outcome }: TraceSection, cast: FibersById): string {
  const isFiber = typeof who !== 'string'
  const parts = [
    ...(isFiber ? [steps === 1 ? '1 step' : `${steps} steps`] : []),
    ...traceNames('starts', started),
    ...traceNames('wakes', woke),
    ...(more > 0 ? [`and ${more} more`] : [])
  ]
  if (outcome !== undefined) {
    if (outcome === isPolite) parts.push(outcome)
    else if ('exit' in outcome) parts.push(describeExit(outcome.exit, cast))
    else parts.push([`then waits for ${outcome.on}`, ...outcome.path].join(', in '))
  }
  return parts.length === 0 ? 'wakes nobody' : parts.join(', ')
}

const whoOf = (who: TraceSection['who']): string => {
  switch (who) {
    case 'timer':
      return 'a timer'
    case 'host':
      return 'the host'
    case 'interruption':
      return 'the test'
    default:
      return titleOf(who)
  }
}

const wholeTrace = (ms: number): string => `${Math.round(ms * 1000) / 1000} ms`

/** Formats each section of the trace as one line: the virtual time, the actor, and what it did. */
export function formatTrace(story: ExecutionTrace, cast: FibersById): string {
  const rows = story.entries.map((stretch) => ({
    when: wholeTrace(stretch.at),
    who: whoOf(stretch.who),
    what: stretch.who === 'interruption' ? 'interrupts #1' : whatOf(stretch, cast)
  }))
  const widest = (of: (row: (typeof rows)[number]) => string): number =>
    rows.reduce((width, row) => Math.max(width, of(row).length), 0)
  const [whenWidth, whoWidth] = [
    widest(({ when }) => when),
    Math.min(
      40,
      widest(({ who }) => who)
    )
  ]
  const lines = rows.map(
    ({ when, who, what }) => `  ${when.padStart(whenWidth)}  ${who.padEnd(whoWidth)}  ${what}`
  )
  const before = story.forgotten > 0 ? [`  ... ${story.forgotten} before that ...`] : []
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
function traceLines(cast: FibersById): ReadonlyArray<DumpLine> {
  const trees: Array<Array<DumpLine>> = []
  for (const line of describeTree().split('\n').map(readLine)) {
    const tree = trees.at(-1)
    if (line.depth === 0 || tree === undefined) trees.push([line])
    else tree.push(line)
  }
  return trees.filter((tree) => tree.some(({ id }) => id !== undefined && cast.has(id))).flat()
}

/** Renumbers the fibers in a line of the dump and adds the title of the main fiber. */
const titled = (text: string, cast: FibersById): string =>
  renumbered(text, cast).replace(/^( *fiber #1)(?= {2})/, '$1 main')

/** Formats what the fibers of the run wait for, as a tree, followed by the detected wait cycles. */
export function describeWaiting(cast: FibersById): string {
  const lines = traceLines(cast)
  const tree = abridgedTrace(lines.map(({ text }) => `  ${titled(text, cast)}`))
  const titleIn = (fiber: Handle): string => {
    const actor = cast.get(fiber.id)
    return actor === undefined ? fiber.title : titleOf(actor)
  }
  const circles = findWaitCycles().filter((circle) => circle.some(({ fiber }) => cast.has(fiber.id)))
  return [...tree, ...circles.map((circle) => describeWaitCycle(circle, titleIn))].join('\n')
}
