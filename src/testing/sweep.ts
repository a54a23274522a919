/**
 * Runs a program many times and interrupts it at its first step, then at its second, and so on to its last.
 *
 * A bug of interruption is in one gap between two operations, which hand-written examples hit only by luck.
 * With a budget of one operation each gap is a step of the run, so there are finitely many and all of them
 * can be tried.
 */

import type { Task } from '../core/node.js'
import { checkFunction } from '../data/check-input.js'
import { callback, checkOptions } from '../data/check-options.js'
import { ExploreError } from './errors.js'
import {
  nondeterminism,
  ScheduleSearch,
  searchMessageOf,
  type Trial,
  type TrialSettings
} from './explore/search.js'
import { type ControlOptions, controlRules, seedRule } from './options.js'
import { scheduleOf, type TestRun } from './report/test-run.js'
import { bySeed } from './run/strategy.js'

/** What must hold in each interrupted run. */
export interface SweepOptions<E, A> extends ControlOptions {
  /**
   * Throws if the outcome is wrong. The main fiber was interrupted before step `step`, counted from 1. It must be
   * synchronous: the sweep rejects with a TypeError if it returns a promise.
   */
  readonly check?: (run: TestRun<E, A>, step: number) => void
  /** Seed of the scheduling strategy. The default is 0. */
  readonly seed?: number
}

const checkSweepOptions = <E, A>(options: SweepOptions<E, A>): Error | undefined =>
  checkOptions('sweepInterrupts', options, { ...controlRules, seed: seedRule, check: callback })

/**
 * Runs a Task from `make` once without interruption to count its steps, then a fresh one for each step, whose
 * main fiber is interrupted before that step. Whatever the outcome is, finalizers must end, and neither a
 * fiber nor a timer may be left behind. `check` receives the outcome of each interrupted run. Resolves to the
 * number of steps.
 *
 * Rejects with an ExploreError at the first run that goes wrong, the uninterrupted one included. The message
 * says at which step, and how to reproduce that run.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { Task } from 'aio-ts'
 * import { sweepInterrupts } from 'aio-ts/testing'
 *
 * let open = 0
 * const acquire = Task.sync(() => { open++ })
 * const release = Task.sync(() => { open-- })
 * const leaky = () =>
 *   pipe(
 *     acquire,
 *     Task.flatMap(() => Task.sleep(10)),
 *     Task.flatMap(() => release)
 *   )
 * const safe = () => Task.bracket(acquire, () => Task.sleep(10), () => release)
 * const check = () => {
 *   const left = open
 *   open = 0
 *   if (left !== 0) throw new Error(`${left} left open`)
 * }
 * await sweepInterrupts(safe, { check })
 * const error = await sweepInterrupts(leaky, { check }).catch((error) => error)
 * console.log(error.cause.message) // => 1 left open
 * ```
 */
export async function sweepInterrupts<E, A>(
  make: () => Task<E, A>,
  options: SweepOptions<E, A> = {}
): Promise<{ readonly steps: number }> {
  const wrong =
    checkFunction('sweepInterrupts', 'a function that makes a Task for each run', make) ??
    checkSweepOptions(options)
  if (wrong !== undefined) throw wrong
  const { check, seed = 0 } = options
  let step = 0
  // The uninterrupted run has no step that `check` could receive.
  const checkStep = check && ((run: TestRun<E, A>) => (step === 0 ? undefined : check(run, step)))
  const search = new ScheduleSearch('sweepInterrupts', make, checkStep, 1, options)
  const settings = (): TrialSettings => ({ choose: bySeed(seed), seed, isBySeed: true, isFormatted: true })
  const peaceful = await search.perform({ ...settings(), isMarked: true })
  if (peaceful.kind !== undefined) throw sweepErrorOf(peaceful, 'in peace, it went wrong', 1, false)
  const { stepsOfMain, marks } = peaceful.run
  for (step = 1; step <= stepsOfMain; step++) {
    const trial = await search.perform({ ...settings(), interruptAt: step })
    if (trial.run.interruptedAfter !== marks[step - 1]) {
      throw nondeterminism('sweepInterrupts', `it came to another place by step ${step}`, trial.wrong)
    }
    if (trial.kind === undefined) continue
    const headline = `interrupted at step ${step} of ${stepsOfMain}, it went wrong`
    throw sweepErrorOf(trial, headline, step + 1, check !== undefined)
  }
  return { steps: stepsOfMain }
}

function sweepErrorOf(trial: Trial, headline: string, runs: number, hasCheck: boolean): ExploreError {
  const schedule = scheduleOf(trial.run, trial.origin)
  const again = (text: string): string =>
    hasCheck ? `check(await replay(make(), '${text}'), ${runs - 1})` : `await replay(make(), '${text}')`
  return new ExploreError(searchMessageOf(trial, schedule, headline, again), trial.wrong, schedule, runs)
}
