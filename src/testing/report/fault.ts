/** Diagnoses a finished run: it has a value or a cause for the caller, or a fault that fails the test. */
import type { Exit } from '../../data/exit.js'
import * as Reasons from '../../data/reasons.js'
import { DeadlockError, LeakError, LivelockError, TimeLimitError, UnseenFailureError } from '../errors.js'
import { describeHeld } from '../run/resources.js'
import type { ControlledRun } from '../run/run.js'
import { renumbered, titleOf } from '../run/run-fiber.js'
import { describeWaiting } from './format-trace.js'

/** A run that went wrong. */
export interface Fault {
  readonly kind: 'deadlock' | 'leak' | 'livelock' | 'late' | 'unseen'
  /** What went wrong, without the execution trace. */
  readonly headline: string
  /** What may have led to the fault: a reported cause, or the exit of the main fiber. */
  readonly reason: { readonly cause: unknown } | undefined
}

const countReasons = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`

/** Returns the primary reason of a cause as a value to throw. */
export const reasonOf = (cause: Reasons.Cause<unknown>): unknown => {
  const [first] = [...Reasons.defects(cause), ...Reasons.failures(cause)]
  return first ?? cause
}

/** Formats a cause, without the stack frames below the run loop, which are the same in every stack. */
const describeReport = (
  cause: Reasons.Cause<unknown>,
  { fibersById }: ControlledRun['scheduler']
): string => {
  let isBelow = false
  const lines = Reasons.pretty(cause)
    .split('\n')
    .filter((line) => {
      const isFrame = /^\s+at /.test(line)
      isBelow = isFrame && (isBelow || line.includes('runFiber'))
      return !isBelow
    })
  return renumbered(lines.join('\n'), fibersById)
}

const reported = ({ reports, scheduler }: ControlledRun): string =>
  reports
    .map(({ cause, fiber }) => {
      const runFiber = scheduler.fibersById.get(fiber.id)
      const title = runFiber === undefined ? `#${fiber.id}` : titleOf(runFiber)
      return `fiber ${title} ${describeReport(cause, scheduler)}`
    })
    .join('\n')

const reasonFailure = (exit: Exit<unknown, unknown> | undefined): Reasons.Cause<unknown> | undefined =>
  exit?._tag === 'Left' && Reasons.isWorthTelling(exit.left) ? exit.left : undefined

/** Describes what else is known about the run, which is often what led to the fault. */
function besides(run: ControlledRun): {
  readonly text: string
  readonly cause: Reasons.Cause<unknown> | undefined
} {
  const failure = reasonFailure(run.exit)
  const [report] = run.reports
  const texts = [
    ...(failure === undefined ? [] : [`the main fiber ${describeReport(failure, run.scheduler)}`]),
    ...(report === undefined ? [] : [`and only the reporter received this: ${reported(run)}`])
  ]
  return { text: texts.map((text) => `\n${text}`).join(''), cause: failure ?? report?.cause }
}

function deadlock(run: ControlledRun): string {
  const left = `${countReasons(run.scheduler.alive, 'fiber')} left, at ${run.clock.now()} ms`
  const what = run.isWaitingForHost
    ? `nothing can run: ${left}, and no promise or callback of the host has come within ${run.watch.lastMs} ms (\`hostWaitMs\` is the limit)`
    : `nothing can ever run again: ${left}`
  return `${what}\n${describeWaiting(run.scheduler.fibersById)}`
}

function leak(run: ControlledRun): string {
  const { scheduler, clock } = run
  const { held } = run.resources
  const parts = [
    ...(scheduler.alive > 0 ? [countReasons(scheduler.alive, 'fiber')] : []),
    ...(clock.size > 0 ? [countReasons(clock.size, 'timer')] : []),
    ...(held.length > 0 ? [countReasons(held.length, 'resource')] : [])
  ]
  const what = parts.join(', ').replace(/, ([^,]*)$/, ' and $1')
  const details = [
    ...(scheduler.alive > 0 ? [describeWaiting(scheduler.fibersById)] : []),
    ...(held.length > 0 ? [describeHeld(held, scheduler.fibersById)] : [])
  ]
  return [`the main fiber has ended and left ${what} behind, at ${run.elapsed} ms`, ...details].join('\n')
}

const livelock = (run: ControlledRun): string =>
  `no end after ${run.steps} steps, at ${run.clock.now()} ms: the program runs in an endless loop, or is too long for a test (\`maxSteps\` is the limit)` +
  `\n${describeWaiting(run.scheduler.fibersById)}`

const late = (run: ControlledRun): string =>
  `timed out after ${run.settings.maxMs} ms of virtual time; the next timer is due at ${run.clock.next} ms\n` +
  describeWaiting(run.scheduler.fibersById)

const headlines = { deadlock, leak, livelock, late }

/** Determines the kind of the fault that `faultOf` describes, without the cost of formatting it. */
export function faultKind({
  ending,
  scheduler,
  clock,
  reports,
  resources
}: ControlledRun): Fault['kind'] | undefined {
  if (ending === 'Deadlocked') return 'deadlock'
  if (ending === 'Endless') return 'livelock'
  if (ending === 'Late') return 'late'
  if (scheduler.alive > 0 || clock.size > 0 || resources.held.length > 0) return 'leak'
  return reports.length > 0 ? 'unseen' : undefined
}

/** Returns the fault of a run, if there is one. Must be called before the run is discarded. */
export function faultOf(run: ControlledRun): Fault | undefined {
  const kind = faultKind(run)
  if (kind === undefined) return undefined
  const { text, cause } = besides(run)
  const reason = cause === undefined ? undefined : { cause: reasonOf(cause) }
  // For this kind `besides` already says that only the reporter received it.
  const headline =
    kind === 'unseen' ? text.trimStart().replace(/^and /, '') : `${headlines[kind](run)}${text}`
  return { kind, headline, reason }
}

/** Returns the error for a fault. `trace` is the text after its headline. */
export function errorOfFault({ kind, headline, reason }: Fault, trace: string): Error {
  const message = `${headline}${trace}`
  switch (kind) {
    case 'deadlock':
      return new DeadlockError(message, reason)
    case 'leak':
      return new LeakError(message, reason)
    case 'livelock':
      return new LivelockError(message, reason)
    case 'late':
      return new TimeLimitError(message, reason)
    case 'unseen':
      return new UnseenFailureError(message, reason)
  }
}
