/**
 * Builds runtimes, the ways to run a Task, from parts of the caller's choice.
 * Corresponds to hat.aio.init_asyncio.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Fiber } from '../core/fiber.js'
import type { Task } from '../core/node.js'
import { slice } from '../core/slice.js'
import { expected, hasMethod } from '../data/check-input.js'
import { callback, checkOptions, count, flag } from '../data/check-options.js'
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

/** The parts of a runtime. The host provides those that are left out. */
export interface RuntimeOptions {
  /** The source of time. */
  readonly clock?: Clock
  /** Decides which fiber runs next. */
  readonly scheduler?: Scheduler
  /**
   * How many operations a fiber may run before it yields to the others. Defaults to 2048. With 1, fibers
   * can switch at every operation.
   */
  readonly yieldEvery?: number
  /** Receives every failure and defect that is visible nowhere else. Writes to stderr by default. */
  readonly reporter?: (cause: Cause<unknown>, fiber: Fiber<unknown, unknown>) => void
  /**
   * Returns a number from 0 (included) to 1, for `Task.random` and
   * `Schedule.jittered`. Defaults to `Math.random`.
   */
  readonly random?: () => number
  /** Hooks for the fibers, groups and queues of this runtime. `addHooks` registers hooks for all runtimes. */
  readonly hooks?: Hooks
  /**
   * If true, `Cause.pretty`, and everything that prints with it, shows for each failing operation the line of
   * user code where it was built. This starts when the runtime is made and applies to the whole process, to
   * everything built later, whichever runtime runs it: a Task belongs to no runtime while it is built. Each
   * operation that may fail then captures a stack, which costs some microseconds. `AIO_TRACE=1` in the
   * environment enables the same from the start (except under Deno, which would have to ask its user first).
   * Defaults to false, which costs nothing.
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

/** Passes each ready fiber to a scheduler of the user, and checks that the scheduler keeps its contract. */
const throughScheduler =
  (schedule: Scheduler['schedule']) =>
  (state: FiberState): void => {
    const fiber = asPublicFiber(state)
    // Captures the context of a new fiber here, because the scheduler may call `run` from anywhere.
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

const checkRuntimeOptions = (options: RuntimeOptions): Error | undefined =>
  checkOptions('makeRuntime', options, {
    clock: (where, _name, clock) => {
      if (!hasMethod(clock, 'now') || !hasMethod(clock, 'setTimer'))
        return expected(where, 'a clock with now() and setTimer()', clock)
      const { date } = clock as Partial<Clock>
      return date === undefined ? undefined : callback(where, 'date of the clock', date)
    },
    scheduler: (where, _name, scheduler) => {
      if (!hasMethod(scheduler, 'schedule')) return expected(where, 'a scheduler with schedule()', scheduler)
      const { scheduleLater } = scheduler as Partial<Scheduler>
      return scheduleLater === undefined
        ? undefined
        : callback(where, 'scheduleLater of the scheduler', scheduleLater)
    },
    trace: flag,
    yieldEvery: count(1, 'yieldEvery in operations'),
    reporter: callback,
    random: callback,
    hooks: (where, _name, hooks) => checkHooks(where, hooks)
  })

/** A scheduler of the user decides about all turns. */
const atItsTurn = (fiber: FiberState): void => fiber.begin()

/**
 * Wraps a reporter so that it runs in the host's current async context. An exception that it throws does not
 * disturb the reporting code, and goes to the default reporter.
 */
function reportingTo(reporter: NonNullable<RuntimeOptions['reporter']>): Reporter {
  const context = captureContext()
  return (cause, fiber) => {
    const { isOnStack } = slice
    slice.isOnStack = true
    try {
      // SAFETY: only fibers are reported.
      runIn(context, reporter, cause, asPublicFiber(fiber as FiberState))
    } catch (thrown) {
      writeReport(Reasons.combine(cause, Reasons.die(thrown)), fiber)
    }
    slice.isOnStack = isOnStack
  }
}

/**
 * Creates the four ways to run a Task, with another clock, scheduler, reporter, random source or hooks.
 * Throws if the options are invalid. Corresponds to hat.aio.init_asyncio.
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
    ...(scheduled && { start: atItsTurn, ready: scheduled, readyLater: later ?? scheduled }),
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
