/** One run of a program on virtual time, and the very same run again. */
import type { Exit } from '../data/exit.js'
import { host } from '../data/host.js'
import type { Task } from '../task/task.js'
import { byDeviations, bySeed, type Deviation } from './choice.js'
import { deviationsOf } from './course.js'
import { ScheduleError } from './errors.js'
import { HostWatch } from './host-turns.js'
import { describeWaiting, narrate } from './narration.js'
import {
  type ControlOptions,
  checkControl,
  checkObject,
  checkTask,
  checkTestOptions,
  firstWrong,
  listenerOf,
  type TestOptions
} from './options.js'
import { hashOn } from './random.js'
import { Run, type RunSettings } from './run.js'
import { encode, parse, type ScheduleParts } from './schedule.js'
import { errorOf, faultOf } from './verdict.js'

/** A run that has come to its end. */
export interface TestRun<E, A> {
  /** How the main fiber ended. */
  readonly exit: Exit<E, A>
  /** Hand it to `replay` to run the very same interleaving again. */
  readonly schedule: string
  /** Virtual milliseconds until the main fiber ended. */
  readonly elapsed: number
}

const usualMaxSteps = 2_000_000

/** The fingerprint of a run, over all that was decided in it. */
const hashOf = ({ course, steps }: Run): number => hashOn(course.hash, steps)

/** What a schedule is about. */
interface Origin {
  readonly yieldEvery: number
  readonly seed: number
  readonly interruptAt?: number | undefined
  readonly maxSteps: number
  readonly deviations?: ReadonlyArray<Deviation> | undefined
}

/** The schedule of a run that is over. */
export function scheduleOf(
  run: Run,
  { yieldEvery, seed, interruptAt, maxSteps, deviations }: Origin
): string {
  const { record, decisions } = run.course
  return encode({
    yieldEvery,
    seed,
    deviations: deviations ?? (record === undefined ? undefined : deviationsOf(record)),
    interruptAt,
    // Only where the limit was met does it matter.
    maxSteps: run.ending === 'Endless' && maxSteps !== usualMaxSteps ? maxSteps : undefined,
    decisions,
    hash: hashOf(run)
  })
}

/** Who ran when, and how to see it again. */
export const storyOf = (run: Run, schedule: string, again: (schedule: string) => string): string =>
  `\n\nWho ran when:\n${narrate(run.story, run.scheduler.cast)}\n\n` +
  `The very same run again: ${again(schedule)}`

/** Runs a program to its end and says how that was. */
async function conclude<E, A>(run: Run, schedule: (run: Run) => string): Promise<TestRun<E, A>> {
  run.onLongWait = () =>
    host.console.error(`aio-ts/testing: still waiting for the host\n${describeWaiting(run.scheduler.cast)}`)
  await run.drive()
  const line = schedule(run)
  const fault = faultOf(run)
  if (fault !== undefined) {
    const story = storyOf(run, line, (text) => `await replay(task, '${text}')`)
    const error = errorOf(fault, story)
    await run.discard()
    throw error
  }
  // Holds because the run was one of a Task<E, A>, and without a fault only where that has ended.
  return { exit: run.exit as Exit<E, A>, schedule: line, elapsed: run.elapsed }
}

/**
 * Runs `task` on virtual time, which jumps to the next timer when nothing else can run; whose turn it is, the seed says. Resolves to
 * how it ended, whatever that is.
 *
 * Rejects with DeadlockError where nothing can ever run again, with LeakError where fibers or timers are left behind when it has
 * ended, with LivelockError where it does not end, and with UnseenFailureError where a fiber failed and nobody heard of it. A program
 * that waits for a promise or a callback of the host is waited for, for real.
 *
 * ```ts
 * import { Task } from 'aio-ts'
 * import { runTest } from 'aio-ts/testing'
 *
 * const run = await runTest(Task.sleep(3_600_000))
 * console.log(run.elapsed) // => 3600000
 * ```
 */
export async function runTest<E, A>(task: Task<E, A>, options: TestOptions = {}): Promise<TestRun<E, A>> {
  const wrong = firstWrong(checkTask('runTest', task), checkTestOptions('runTest', options))
  if (wrong !== undefined) throw wrong
  const { seed = 0, yieldEvery = 1, maxSteps = usualMaxSteps, signal, onUnseen } = options
  const origin = { seed, yieldEvery, maxSteps, interruptAt: undefined }
  const settings: RunSettings = { ...origin, choose: bySeed(seed), signal, onUnseen: listenerOf(onUnseen) }
  return conclude(new Run(task, settings, new HostWatch()), (run) => scheduleOf(run, origin))
}

function checkSame(run: Run, parts: ScheduleParts, story: string): void {
  const isSame =
    run.ending !== 'Strayed' && run.course.decisions === parts.decisions && hashOf(run) === parts.hash
  if (isSame) return
  throw new ScheduleError(
    'replay: this is a schedule of another program. Either the program has changed since, and the schedule says nothing about it any ' +
      'more; or it does not do the same each time, by Date.now(), Math.random() or a promise of the host' +
      `\n\nWho ran when, as far as it went:\n${story}`
  )
}

/**
 * Runs the very interleaving again that `schedule` is of, as `runTest`, `explore` and `sweepInterrupts` gave it or an error shows it:
 * the same turns, timers and interruptions, and so the same end. Rejects as `runTest` does, and with ScheduleError where the schedule
 * cannot be read or is one of another program.
 *
 * ```ts
 * import { Task } from 'aio-ts'
 * import { replay, runTest } from 'aio-ts/testing'
 *
 * const log: Array<string> = []
 * const say = (text: string) => Task.sync(() => log.push(text))
 * const task = Task.all([say('a'), say('b'), say('c')])
 * const { schedule } = await runTest(task, { seed: 3 })
 * await replay(task, schedule)
 * console.log(log.slice(0, 3).join() === log.slice(3).join()) // => true
 * ```
 */
export async function replay<E, A>(
  task: Task<E, A>,
  schedule: string,
  options: ControlOptions & Pick<TestOptions, 'signal'> = {}
): Promise<TestRun<E, A>> {
  const wrong = firstWrong(
    checkTask('replay', task),
    checkObject('replay', options) ?? checkControl('replay', options)
  )
  if (wrong !== undefined) throw wrong
  const parts = parse(schedule)
  const maxSteps = options.maxSteps ?? parts.maxSteps ?? usualMaxSteps
  const { seed, deviations, interruptAt, yieldEvery } = parts
  const settings: RunSettings = {
    choose: deviations === undefined ? bySeed(seed) : byDeviations(deviations, false),
    seed,
    yieldEvery,
    interruptAt,
    maxSteps,
    maxDecisions: parts.decisions,
    signal: options.signal,
    onUnseen: listenerOf(options.onUnseen)
  }
  const run = new Run(task, settings, new HostWatch())
  return conclude(run, () => {
    checkSame(run, parts, narrate(run.story, run.scheduler.cast))
    return schedule.trim()
  })
}
