/** The result of a run: its exit, its schedule and its trace. */
import type { Exit } from '../../data/exit.js'
import { deviationsOf } from '../run/decision-trace.js'
import { hashOn } from '../run/random.js'
import type { ControlledRun } from '../run/run.js'
import { encode } from './schedule.js'

/** A run that has come to its end. */
export interface TestRun<E, A> {
  /** How the main fiber ended. */
  readonly exit: Exit<E, A>
  /** Hand it to `replay` to run the very same interleaving again. */
  readonly schedule: string
  /** Virtual milliseconds until the main fiber ended. */
  readonly elapsed: number
}

/** The limit that a schedule need not name. */
export const usualMaxSteps = 2_000_000

/** The fingerprint of a run, over all that was decided in it. */
export const hashOf = ({ course, steps }: ControlledRun): number => hashOn(course.hash, steps)

/** What a schedule is about, beside the run. */
export interface Origin {
  readonly yieldEvery: number
  readonly seed: number
  readonly interruptAt?: number | undefined
  readonly maxSteps: number
  /**
   * Whether the seed chose; else the schedule lists what was not the usual choice, for which the run must
   * have been recorded.
   */
  readonly isBySeed: boolean
}

/** The schedule of a run that is over. */
export function scheduleOf(run: ControlledRun, origin: Origin): string {
  const { yieldEvery, seed, interruptAt, maxSteps, isBySeed } = origin
  const { record, decisions } = run.course
  return encode({
    yieldEvery,
    seed,
    deviations: isBySeed || record === undefined ? undefined : deviationsOf(record),
    interruptAt,
    // Only where the limit was met does it matter.
    maxSteps: run.ending === 'Endless' && maxSteps !== usualMaxSteps ? maxSteps : undefined,
    maxMs: run.ending === 'Late' ? run.settings.maxMs : undefined,
    patienceMs: run.hasMetHost ? run.watch.limits.patienceMs : undefined,
    hostWaitMs: run.hasMetHost ? run.watch.limits.hostWaitMs : undefined,
    decisions,
    hash: hashOf(run)
  })
}

/** The TestRun of a run without a fault. */
export const testRunOf = <E, A>(run: ControlledRun, schedule: string): TestRun<E, A> => ({
  // SAFETY: the run was one of a Task<E, A>, and because without a fault that has ended.
  exit: run.exit as Exit<E, A>,
  schedule,
  elapsed: run.elapsed
})

/** Who ran when, and the line that runs it again. */
export const storyWith = (story: string, seed: number, again: string): string =>
  `\n\nWho ran when:\n${story}\n\nSeed ${seed}. The very same run again: ${again}`
