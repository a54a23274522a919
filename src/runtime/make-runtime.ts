/** hat.aio.init_asyncio: the ways to run a Task, on parts of the caller's choice. */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Fiber } from '../core/fiber.js'
import type { Task } from '../core/node.js'
import { checkCount, checkFunction, expected, hasMethod } from '../data/check-input.js'
import type { Exit } from '../data/exit.js'
import { captureContext, runIn } from '../data/host-context.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { checkHooks } from './add-hooks.js'
import { type RunOptions, runForkOn, runTaskExitOn, runTaskOn } from './edge.js'
import { type FiberState, hostContextOf, type RuntimeServices } from './fiber-state.js'
import { useOwnHooks } from './hook-dispatcher.js'
import type { Hooks } from './hooks.js'
import type { Clock } from './host/clock.js'
import { asPublicFiber } from './public-fiber.js'
import { withinTurn } from './run-loop.js'
import { runSyncOn } from './run-sync.js'
import type { Scheduler } from './scheduler.js'
import { hostServices, type Reporter, writeReport } from './services.js'
import { runSlice } from './time-slice.js'
import { tracing } from './tracing.js'

/** What a runtime is made of; what is left out is the host's. */
export interface RuntimeOptions {
  /** Where time comes from. */
  readonly clock?: Clock
  /** Whose turn it is. */
  readonly scheduler?: Scheduler
  /**
   * How many operations a fiber may run before it gives way to the others; 2048 if left out. With 1 every
   * operation is a place to switch.
   */
  readonly yieldEvery?: number
  /** Called with every failure and defect that no other code can observe. Writes to stderr if left out. */
  readonly reporter?: (cause: Cause<unknown>, fiber: Fiber<unknown, unknown>) => void
  /** From 0 (included) to 1, for `Task.random` and `Schedule.jittered`; `Math.random` if left out. */
  readonly random?: () => number
  /** Hooks for the fibers, groups and queues of this runtime. `addHooks` registers hooks for all runtimes. */
  readonly hooks?: Hooks
  /**
   * If true, `Cause.pretty` names for each failing operation the line of the user's code that built it. This
   * holds for the whole process and for all Tasks built later, whichever runtime runs them, since a Task does
   * not know its runtime while it is built. Building an operation that may fail then costs some microseconds
   * for a stack trace. `AIO_TRACE=1` in the environment asks for the same from the start (not under Deno,
   * which would have to ask its user first). False if left out, which costs nothing.
   */
  readonly trace?: boolean
}

/** The four ways to run a Task. */
export interface Runtime {
  runTask<E, A>(task: Task<E, A>, options?: RunOptions): Promise<Either<E, A>>
  runTaskExit<E, A>(task: Task<E, A>, options?: RunOptions): Promise<Exit<E, A>>
  runFork<E, A>(task: Task<E, A>, options?: RunOptions): Fiber<E, A>
  runSync<E, A>(task: Task<E, A>): Either<E, A>
}

/** Hands each ready fiber to a scheduler of the user's, and holds that one to its promise. */
const throughScheduler =
  (schedule: Scheduler['schedule']) =>
  (state: FiberState): void => {
    const fiber = asPublicFiber(state)
    // A new one; nobody knows where its scheduler calls from.
    hostContextOf(state)
    let turn: 'scheduling' | 'waiting' | 'run' = 'scheduling'
    schedule(fiber, () => {
      if (turn === 'run') throw new Error(`Scheduler: the turn of fiber ${fiber.title} was given twice`)
      if (turn === 'scheduling') {
        throw new Error(`Scheduler: \`run\` of fiber ${fiber.title} was called from within \`schedule\``)
      }
      turn = 'run'
      withinTurn(() => runSlice(fiber))
    })
    if (turn === 'scheduling') turn = 'waiting'
  }

function checkRuntimeOptions(options: RuntimeOptions): Error | undefined {
  if (typeof options !== 'object' || options === null) {
    return expected('makeRuntime', 'an object of options', options)
  }
  const { clock, scheduler, yieldEvery, reporter, random, hooks, trace } = options
  if (clock !== undefined && !(hasMethod(clock, 'now') && hasMethod(clock, 'setTimer'))) {
    return expected('makeRuntime', 'a clock with now() and setTimer()', clock)
  }
  if (clock?.date !== undefined && !hasMethod(clock, 'date')) {
    return expected('makeRuntime', 'date of the clock to be a function', clock.date)
  }
  if (scheduler !== undefined && !hasMethod(scheduler, 'schedule')) {
    return expected('makeRuntime', 'a scheduler with schedule()', scheduler)
  }
  if (scheduler?.scheduleLater !== undefined && !hasMethod(scheduler, 'scheduleLater')) {
    return expected('makeRuntime', 'scheduleLater of the scheduler to be a function', scheduler.scheduleLater)
  }
  if (trace !== undefined && typeof trace !== 'boolean') {
    return expected('makeRuntime', 'trace to be true or false', trace)
  }
  return (
    (yieldEvery === undefined
      ? undefined
      : checkCount('makeRuntime', 'yieldEvery in operations', 1, yieldEvery)) ??
    (reporter === undefined ? undefined : checkFunction('makeRuntime', 'a reporter function', reporter)) ??
    (random === undefined ? undefined : checkFunction('makeRuntime', 'a random function', random)) ??
    (hooks === undefined ? undefined : checkHooks('makeRuntime', hooks))
  )
}

/**
 * Binds a reporter to the current async context. What the reporter throws is itself reported, by the default
 * reporter, and does not reach the code that reports.
 */
function reportingTo(reporter: NonNullable<RuntimeOptions['reporter']>): Reporter {
  const context = captureContext()
  return (cause, fiber) => {
    try {
      // SAFETY: nothing but fibers is reported of.
      runIn(context, reporter, cause, asPublicFiber(fiber as FiberState))
    } catch (thrown) {
      writeReport(Reasons.combine(cause, Reasons.die(thrown)), fiber)
    }
  }
}

/**
 * hat.aio.init_asyncio: the same four with another clock, scheduler or reporter. Throws at options that make
 * no sense.
 */
export function makeRuntime(options: RuntimeOptions): Runtime {
  const wrong = checkRuntimeOptions(options)
  if (wrong !== undefined) throw wrong
  if (options.trace === true) tracing.start()
  const { clock, scheduler, yieldEvery, reporter, random, hooks } = options
  const scheduled = scheduler && throughScheduler((fiber, run) => scheduler.schedule(fiber, run))
  const later =
    scheduler?.scheduleLater && throughScheduler((fiber, run) => scheduler.scheduleLater?.(fiber, run))
  const services: RuntimeServices = {
    ...hostServices,
    ...(clock && { clock, now: () => clock.now(), coarseNow: () => Math.trunc(clock.now()) }),
    ...(yieldEvery !== undefined && { yieldEvery }),
    hooks: useOwnHooks(hooks),
    ...(scheduled && { ready: scheduled, readyLater: later ?? scheduled }),
    ...(reporter && { report: reportingTo(reporter) }),
    ...(random && { random })
  }
  return {
    runTask: (task, given) => runTaskOn(services, task, given),
    runTaskExit: (task, given) => runTaskExitOn(services, task, given),
    runFork: (task, given) => runForkOn(services, task, given),
    runSync: (task) => runSyncOn(services, task)
  }
}
