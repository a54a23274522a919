/** Runs a program once on virtual time (`runTest`), or replays a run from its schedule (`replay`). */
import type { Task } from '../core/node.js'
import { abortable, checkOptions } from '../data/check-options.js'
import { ScheduleError } from './errors.js'
import {
  type ControlOptions,
  checkTestOptions,
  checkTestTask,
  controlRules,
  listenerOf,
  type TestOptions
} from './options.js'
import { errorOfFault, faultOf } from './report/fault.js'
import { formatTrace } from './report/format-trace.js'
import { parse, type ScheduleParts } from './report/schedule.js'
import {
  hashOf,
  scheduleOf,
  type TestRun,
  testRunOf,
  traceWithReplay,
  usualMaxSteps
} from './report/test-run.js'
import { HostWatch } from './run/host-turns.js'
import { ControlledRun, currentWatch, type RunSettings } from './run/run.js'
import { byDeviations, bySeed } from './run/strategy.js'

/** Returns the error for the fault of a finished run, if there is one. */
function wrongOf(run: ControlledRun, schedule: string): Error | undefined {
  const fault = faultOf(run)
  if (fault === undefined) return undefined
  const again = `await replay(task, '${schedule}')`
  const trace = traceWithReplay(formatTrace(run.trace, run.scheduler.fibersById), run.settings.seed, again)
  return errorOfFault(fault, trace)
}

/**
 * Runs a program to its end and returns the result. `check` may report that the schedule belongs to another
 * program.
 */
async function conclude<E, A>(
  run: ControlledRun,
  schedule: () => string,
  check: () => Error | undefined
): Promise<TestRun<E, A>> {
  await run.drive()
  const line = schedule()
  const wrong = check() ?? wrongOf(run, line)
  if (wrong === undefined) return testRunOf(run, line)
  await run.discard()
  throw wrong
}

/**
 * Runs `task` on virtual time, which jumps to the next timer when nothing else can run. The seed determines
 * the order of the fibers. Resolves to the exit of `task`, whatever it is.
 *
 * Rejects with a DeadlockError if nothing can ever run again, with a LeakError if fibers, timers or acquired
 * resources are left behind when the task has ended, with a LivelockError if it exceeds `maxSteps`, with a
 * TimeLimitError if it exceeds `maxMs`, and with an UnseenFailureError if a fiber failed and only the
 * reporter received it. The run waits in real time for a promise or a callback of the host. If nothing else
 * can run and none settles for two seconds (`hostWaitMs`), that is a DeadlockError as well.
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
  const wrong = checkTestTask('runTest', task) ?? checkTestOptions('runTest', options)
  if (wrong !== undefined) throw wrong
  const { seed = 0, yieldEvery = 1, maxSteps = usualMaxSteps, maxMs, signal, onUnseen } = options
  const origin = { seed, yieldEvery, maxSteps, interruptAt: undefined, isBySeed: true }
  const settings: RunSettings = {
    ...origin,
    choose: bySeed(seed),
    maxMs,
    signal,
    onUnseen: listenerOf(onUnseen)
  }
  const run = new ControlledRun(task, settings, new HostWatch(options, currentWatch()))
  return conclude(
    run,
    () => scheduleOf(run, origin),
    () => undefined
  )
}

function strangenessOf(run: ControlledRun, parts: ScheduleParts): Error | undefined {
  const isSame =
    run.ending !== 'Strayed' && run.decisionTrace.decisions === parts.decisions && hashOf(run) === parts.hash
  if (isSame) return undefined
  return new ScheduleError(
    'replay: this is a schedule of another program. Either the program has changed since, and the schedule says nothing about it any ' +
      'more; or it does not do the same each time, by Date.now(), Math.random() or a promise of the host' +
      `\n\nWho ran when, as far as it went:\n${formatTrace(run.trace, run.scheduler.fibersById)}`
  )
}

/**
 * Replays the interleaving that `schedule` describes, as `runTest`, `explore` and `sweepInterrupts` return it
 * or an error prints it: the same turns, timers and interruptions, and therefore the same exit. Rejects as
 * `runTest` does, and with a ScheduleError if the schedule cannot be parsed or belongs to another program.
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
  const wrong =
    checkTestTask('replay', task) ?? checkOptions('replay', options, { ...controlRules, signal: abortable })
  if (wrong !== undefined) throw wrong
  const parts = parse(schedule)
  const maxSteps = options.maxSteps ?? parts.maxSteps ?? usualMaxSteps
  const { seed, deviations, interruptAt, yieldEvery } = parts
  const limits = {
    patienceMs: options.patienceMs ?? parts.patienceMs,
    hostWaitMs: options.hostWaitMs ?? parts.hostWaitMs
  }
  const settings: RunSettings = {
    choose: deviations === undefined ? bySeed(seed) : byDeviations(deviations, false),
    seed,
    yieldEvery,
    interruptAt,
    maxSteps,
    maxMs: options.maxMs ?? parts.maxMs,
    maxDecisions: parts.decisions,
    signal: options.signal,
    onUnseen: listenerOf(options.onUnseen)
  }
  const run = new ControlledRun(task, settings, new HostWatch(limits, currentWatch()))
  return conclude(
    run,
    () => schedule.trim(),
    () => strangenessOf(run, parts)
  )
}
