/**
 * Makes fresh runs of one program and judges each by the same test. Searches, sweeps and the shrinking of
 * schedules are built on it.
 */

import type { Task } from '../../core/node.js'
import { describeValue } from '../../data/check-input.js'
import * as Reasons from '../../data/reasons.js'
import { NondeterminismError } from '../errors.js'
import { type ControlOptions, checkTestTask, listenerOf } from '../options.js'
import { errorOfFault, faultKind, faultOf, reasonOf } from '../report/fault.js'
import { formatTrace } from '../report/format-trace.js'
import { type Origin, scheduleOf, type TestRun, testRunOf, traceWithReplay } from '../report/test-run.js'
import { HostWatch } from '../run/host-turns.js'
import { eventLoopTurn } from '../run/real-time.js'
import { ControlledRun, currentWatch } from '../run/run.js'
import type { Deviation, Strategy } from '../run/strategy.js'
import { byDeviations } from '../run/strategy.js'

/** The limit where there are many runs. */
const manyMaxSteps = 100_000

/** A run and what was wrong with it. */
export interface Trial {
  readonly run: ControlledRun
  readonly origin: Origin
  /** What kind of fault it is. Undefined if nothing went wrong. */
  readonly kind: string | undefined
  /** What went wrong. For a fault of the run it is only set with `isFormatted`. */
  readonly wrong: unknown
  /** The formatted execution trace. Empty without `isFormatted`. */
  readonly trace: string
}

export interface TrialSettings {
  readonly choose: Strategy
  readonly seed: number
  readonly isBySeed: boolean
  readonly interruptAt?: number
  readonly isRecorded?: boolean
  readonly isMarked?: boolean
  /** Whether to format what went wrong, and not only to determine its kind. */
  readonly isFormatted?: boolean
}

/** Throws if the outcome is wrong. */
export type Check<E, A> = (run: TestRun<E, A>) => unknown

/** Maximum number of steps, over all runs, without a turn of the event loop. */
const searchStepsPerYield = 20_000

const isPromiseLike = (value: unknown): boolean =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function'

/** Names a thrown value so that two runs can be compared by it. */
const searchNameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown)

/**
 * The default check. Without a `check` of the test, a run must at least not die of a defect: nothing else
 * would report it.
 */
const checkNoDefect: Check<unknown, unknown> = ({ exit }) => {
  if (exit._tag === 'Left' && Reasons.defects(exit.left).length > 0) throw reasonOf(exit.left)
}

export class ScheduleSearch<E, A> {
  /** Whether anything waited for the host, in any run. */
  hasMetHost = false
  private readonly watch: HostWatch
  private readonly check: Check<E, A>
  private steps = 0

  constructor(
    /** The name of the searching function, for messages. */
    readonly name: string,
    private readonly make: () => Task<E, A>,
    check: Check<E, A> | undefined,
    readonly yieldEvery: number,
    private readonly options: ControlOptions
  ) {
    this.check = check ?? checkNoDefect
    this.watch = new HostWatch(options, currentWatch())
  }

  /** How many real milliseconds the runs have waited for the host. */
  get hostMs(): number {
    return this.watch.waitedMs
  }

  /** Makes one fresh run and judges it. */
  async perform(settings: TrialSettings): Promise<Trial> {
    const { seed, isBySeed, interruptAt } = settings
    const { maxSteps = manyMaxSteps, maxMs, onUnseen } = this.options
    const task = this.make()
    const notTask = checkTestTask(`${this.name}: what it was given to make Tasks`, task)
    if (notTask !== undefined) throw notTask
    const origin: Origin = { yieldEvery: this.yieldEvery, seed, interruptAt, maxSteps, isBySeed }
    const run = new ControlledRun(
      task,
      { ...origin, ...settings, interruptAt, maxMs, onUnseen: listenerOf(onUnseen) },
      this.watch
    )
    const driving = run.drive()
    if (driving !== undefined) await driving
    if (run.hasMetHost) this.hasMetHost = true
    await this.yieldIfDue(run.steps)
    const trial = this.judge(run, origin, settings.isFormatted === true)
    if (trial.kind !== undefined || run.ending === 'Strayed') await run.discard()
    return trial
  }

  private async yieldIfDue(steps: number): Promise<void> {
    this.steps += steps
    if (this.steps < searchStepsPerYield) return
    this.steps = 0
    await eventLoopTurn()
  }

  private judge(run: ControlledRun, origin: Origin, isFormatted: boolean): Trial {
    const trace = isFormatted ? formatTrace(run.trace, run.scheduler.fibersById) : ''
    const trial = (kind: string | undefined, wrong: unknown): Trial => ({ run, origin, kind, wrong, trace })
    if (run.ending === 'Strayed') return trial(undefined, undefined)
    const kind = faultKind(run)
    if (kind !== undefined) {
      const fault = isFormatted ? faultOf(run) : undefined
      return trial(kind, fault === undefined ? undefined : errorOfFault(fault, ''))
    }
    let result: unknown
    try {
      result = this.check(testRunOf<E, A>(run, scheduleOf(run, origin)))
    } catch (thrown) {
      return trial(`check ${searchNameOf(thrown)}`, thrown)
    }
    if (!isPromiseLike(result)) return trial(undefined, undefined)
    throw new TypeError(
      `${this.name}: expected check to throw or return at once, got ${describeValue(result)}: what it waits for nobody would see`
    )
  }

  /** Makes a recorded run that deviates from the usual choices at `deviations`. */
  deviating(deviations: ReadonlyArray<Deviation>, seed: number, isFormatted: boolean): Promise<Trial> {
    const choose = byDeviations(deviations, !isFormatted)
    return this.perform({ choose, seed, isBySeed: false, isRecorded: true, isFormatted })
  }
}

/** Returns the error for a program in which two runs differ that should be the same. */
export const nondeterminism = (name: string, how: string, cause?: unknown): NondeterminismError =>
  new NondeterminismError(
    `${name}: the program does not do the same under the same schedule: ${how}. Time comes from the clock (Task.sleep), what is random ` +
      'from the seed; Date.now(), Math.random(), promises and callbacks of the host, and what earlier runs have left in variables ' +
      'outside of the program, are under no control',
    cause === undefined ? undefined : { cause }
  )

const searchSummary = (wrong: unknown): string =>
  wrong instanceof Error ? `${wrong.name}: ${wrong.message}` : describeValue(wrong)

/** Formats the message of an ExploreError. */
export const searchMessageOf = (
  { wrong, trace, origin }: Trial,
  schedule: string,
  headline: string,
  again: (schedule: string) => string
): string => `${headline}: ${searchSummary(wrong)}${traceWithReplay(trace, origin.seed, again(schedule))}`
