/** Runs many interleavings of one program, until one goes wrong or all have been run. */

import type { Task } from '../core/node.js'
import { checkFunction } from '../data/check-input.js'
import { callback, checkOptions, count, oneOf } from '../data/check-options.js'
import { ExploreError } from './errors.js'
import { searchAll } from './explore/exhaustive.js'
import { nondeterminism, ScheduleSearch, searchMessageOf, type Trial } from './explore/search.js'
import { repeatFormatted, shrink } from './explore/shrink.js'
import { type ControlOptions, controlRules, seedRule, yieldEveryRule } from './options.js'
import { scheduleOf, type TestRun } from './report/test-run.js'
import { bySeed } from './run/strategy.js'

/** Which interleavings `explore` runs, and what must hold in each. */
export interface ExploreOptions<E, A> extends ControlOptions {
  /**
   * With 'exhaustive', the default, every interleaving within the preemption bound is run. With 'random', one
   * interleaving per seed is run, for consecutive seeds.
   */
  readonly strategy?: 'exhaustive' | 'random'
  /**
   * The preemption bound: how often at most, in one run, a fiber that could continue is preempted by another
   * one. The default is 2. Only used by 'exhaustive'.
   */
  readonly preemptions?: number
  /** Maximum number of runs. The default is 100,000, or 1,000 for 'random'. */
  readonly maxRuns?: number
  /**
   * The first seed of 'random', and the seed of the random numbers that the program itself draws. The default
   * is 0.
   */
  readonly seed?: number
  /**
   * How many operations a fiber may run before it yields. The default is 1, so that every operation is a
   * possible switch.
   */
  readonly yieldEvery?: number
  /**
   * Throws if the outcome of a run is wrong. By default an outcome is wrong if the program died of a defect.
   * It must be synchronous: the search rejects with a TypeError if it returns a promise.
   */
  readonly check?: (run: TestRun<E, A>) => void
}

/** The result of a search that found nothing wrong. */
export interface ExploreResult {
  readonly runs: number
  /**
   * Whether every interleaving within the bound was run. Always false for 'random', or if the program waited
   * for the host.
   */
  readonly complete: boolean
}

const checkExploreOptions = <E, A>(options: ExploreOptions<E, A>): Error | undefined =>
  checkOptions('explore', options, {
    ...controlRules,
    strategy: oneOf('exhaustive', 'random'),
    preemptions: count(0),
    maxRuns: count(1),
    seed: seedRule,
    yieldEvery: yieldEveryRule,
    check: callback
  })

const again = (hasCheck: boolean) => (schedule: string) =>
  hasCheck ? `check(await replay(make(), '${schedule}'))` : `await replay(make(), '${schedule}')`

/** Returns the error that reports `found`, with the shortest schedule found that still goes wrong. */
async function exploreErrorOf<E, A>(
  search: ScheduleSearch<E, A>,
  found: Trial,
  runs: number,
  where: string,
  hasCheck: boolean
): Promise<Error> {
  const same = await repeatFormatted(search, found)
  if (same.kind !== found.kind) {
    return nondeterminism(
      search.name,
      `run ${runs} went wrong (${found.kind}), and did not when it was repeated`,
      found.wrong
    )
  }
  const best = await repeatFormatted(search, await shrink(search, same))
  const shown = best.kind === found.kind ? best : same
  const schedule = scheduleOf(shown.run, shown.origin)
  const headline = `run ${runs} (${where}) went wrong; this is the shortest found that still does`
  return new ExploreError(
    searchMessageOf(shown, schedule, headline, again(hasCheck)),
    shown.wrong,
    schedule,
    runs
  )
}

/**
 * Rejects if the first two runs already differ: then no search is needed to show that the program is not
 * deterministic.
 */
async function checkDeterminism<E, A>(
  search: ScheduleSearch<E, A>,
  perform: () => Promise<Trial>
): Promise<void> {
  const one = await perform()
  const two = await perform()
  const isSame =
    one.run.decisionTrace.detail === two.run.decisionTrace.detail &&
    one.run.decisionTrace.hash === two.run.decisionTrace.hash &&
    one.run.steps === two.run.steps &&
    one.run.elapsed === two.run.elapsed &&
    one.kind === two.kind
  if (!isSame) throw nondeterminism(search.name, 'two runs took different ways', one.wrong)
}

/**
 * Runs a fresh Task from `make` in one interleaving after the other, and resolves to the number of runs and
 * whether the search was complete. Rejects with an ExploreError at the first run that goes wrong: `check`
 * throws, a deadlock, a leak, a livelock, an exceeded time limit, or a failure that only the reporter
 * received. The message shows the shortest schedule found that still goes wrong.
 *
 * Rejects with a NondeterminismError if the program behaves differently under the same schedule: then the
 * search can make no statement.
 *
 * ```ts
 * import { Task } from 'aio-ts'
 * import { explore } from 'aio-ts/testing'
 *
 * const make = () => {
 *   let count = 0
 *   // Reading and writing are two operations, and another fiber may come between them.
 *   const increment = Task.gen(function* () {
 *     const before = yield* Task.sync(() => count)
 *     yield* Task.sync(() => { count = before + 1 })
 *   })
 *   return Task.gen(function* () {
 *     yield* Task.all([increment, increment])
 *     if (count !== 2) throw new Error(`counted ${count}`)
 *   })
 * }
 * const error = await explore(make).catch((error) => error)
 * console.log(error._tag, error.cause.message) // => ExploreError counted 1
 * ```
 */
export async function explore<E, A>(
  make: () => Task<E, A>,
  options: ExploreOptions<E, A> = {}
): Promise<ExploreResult> {
  const wrong =
    checkFunction('explore', 'a function that makes a Task for each run', make) ??
    checkExploreOptions(options)
  if (wrong !== undefined) throw wrong
  const { strategy = 'exhaustive', preemptions = 2, seed = 0, yieldEvery = 1, check } = options
  const search = new ScheduleSearch('explore', make, check, yieldEvery, options)
  const hasCheck = check !== undefined
  if (strategy === 'exhaustive') {
    await checkDeterminism(search, () => search.deviating([], seed, false))
    const { maxRuns = 100_000 } = options
    const result = await searchAll(search, seed, preemptions, maxRuns)
    const { found, runs, complete } = result
    if (found === undefined) return { runs, complete }
    const where = `exhaustive, with ${result.preemptions} of at most ${preemptions} preemptions`
    throw await exploreErrorOf(search, found, runs, where, hasCheck)
  }
  await checkDeterminism(search, () => search.perform({ choose: bySeed(seed), seed, isBySeed: true }))
  const { maxRuns = 1000 } = options
  for (let runs = 1; runs <= maxRuns; runs++) {
    const own = seed + runs - 1
    const settings = { seed: own, isBySeed: true }
    const trial = await search.perform({ ...settings, choose: bySeed(own) })
    if (trial.kind === undefined) continue
    const recorded = await search.perform({ ...settings, choose: bySeed(own), isRecorded: true })
    const listed: Trial = { ...recorded, origin: { ...recorded.origin, isBySeed: false } }
    throw await exploreErrorOf(search, { ...listed, kind: trial.kind }, runs, `random, seed ${own}`, hasCheck)
  }
  return { runs: maxRuns, complete: false }
}
