/** The result of a finished run: its exit, its schedule and its execution trace. */
import type { Exit } from '../../data/exit.js'
import { deviationsOf } from '../run/decision-trace.js'
import { hashOn } from '../run/random.js'
import type { ControlledRun } from '../run/run.js'
import { encode } from './schedule.js'

/** A finished run. */
export interface TestRun<E, A> {
  /** How the main fiber ended. */
  readonly exit: Exit<E, A>
  /** Pass it to `replay` to run the same interleaving again. */
  readonly schedule: string
  /** Virtual milliseconds until the main fiber ended. */
  readonly elapsed: number
}

/** The default step limit, which a schedule omits. */
export const usualMaxSteps = 2_000_000

/** Returns the hash of a run, over all of its decisions. */
export const hashOf = ({ decisionTrace, steps }: ControlledRun): number => hashOn(decisionTrace.hash, steps)

/** What a schedule contains beside the run itself. */
export interface Origin {
  readonly yieldEvery: number
  readonly seed: number
  readonly interruptAt?: number | undefined
  readonly maxSteps: number
  /**
   * Whether the seed made the choices. Otherwise the schedule lists deviations from the usual choices, for
   * which the run must be recorded.
   */
  readonly isBySeed: boolean
}

/** Returns the schedule of a finished run. */
export function scheduleOf(run: ControlledRun, origin: Origin): string {
  const { yieldEvery, seed, interruptAt, maxSteps, isBySeed } = origin
  const { record, decisions } = run.decisionTrace
  return encode({
    yieldEvery,
    seed,
    deviations: isBySeed || record === undefined ? undefined : deviationsOf(record),
    interruptAt,
    // The limit only matters if the run exceeded it.
    maxSteps: run.ending === 'Endless' && maxSteps !== usualMaxSteps ? maxSteps : undefined,
    maxMs: run.ending === 'Late' ? run.settings.maxMs : undefined,
    patienceMs: run.hasMetHost ? run.watch.limits.patienceMs : undefined,
    hostWaitMs: run.hasMetHost ? run.watch.limits.hostWaitMs : undefined,
    decisions,
    hash: hashOf(run)
  })
}

/** Returns the result of a run without a fault. */
export const testRunOf = <E, A>(run: ControlledRun, schedule: string): TestRun<E, A> => ({
  // SAFETY: the run is one of a Task<E, A>, and a run without a fault has ended.
  exit: run.exit as Exit<E, A>,
  schedule,
  elapsed: run.elapsed
})

/** Formats the execution trace and the call that reproduces the run, for the end of a message. */
export const traceWithReplay = (trace: string, seed: number, again: string): string =>
  `\n\nWho ran when:\n${trace}\n\nSeed ${seed}. The very same run again: ${again}`
