/**
 * The program's edge: Tasks become Promises, Eithers and fibers here and nowhere else.
 *
 * A runtime is a clock, a choice of whose turn it is, a budget and a reporter. Every fiber, the first one too, begins at its turn
 * and not within the call that makes it, so that the scheduler decides about all of them.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { left } from '../data/either.js'
import { InterruptedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { type AbortSignal, host } from '../data/host.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { checkCount, checkFunction, show } from '../data/show.js'
import type { Fiber } from '../task/fiber.js'
import { isTask, type Task } from '../task/task.js'
import { type Clock, hostClock } from './clock.js'
import { Root, roots } from './dump.js'
import { FiberState, Flag, type RuntimeServices } from './fiber-state.js'
import { runFiber } from './run-loop.js'
import { defer, HostQueue, Ring, type Scheduler } from './scheduler.js'

/** About one run. */
export interface RunOptions {
  /** Interrupts the run when it aborts. No listener stays on it after the run. */
  readonly signal?: AbortSignal
  /** For traces, dumps and the inspector. */
  readonly name?: string
}

/** What a runtime is made of; what is left out is the host's. */
export interface RuntimeOptions {
  /** Where time comes from. */
  readonly clock?: Clock
  /** Whose turn it is. */
  readonly scheduler?: Scheduler
  /** How many operations a fiber may run before it gives way to the others; 2048 if left out. With 1 every operation is a place to switch. */
  readonly yieldEvery?: number
  /** Told of every failure and defect that nobody else can see. Writes to stderr if left out. */
  readonly reporter?: (cause: Cause<unknown>, fiber: Fiber<unknown, unknown>) => void
  /** From 0 (included) to 1, for `Schedule.jittered`; `Math.random` if left out. */
  readonly random?: () => number
}

/** The four ways to run a Task. */
export interface Runtime {
  runTask<E, A>(task: Task<E, A>, options?: RunOptions): Promise<Either<E, A>>
  runTaskExit<E, A>(task: Task<E, A>, options?: RunOptions): Promise<Exit<E, A>>
  runFork<E, A>(task: Task<E, A>, options?: RunOptions): Fiber<E, A>
  runSync<E, A>(task: Task<E, A>): Either<E, A>
}

const writeReport = (cause: Cause<unknown>, fiber: Fiber<unknown, unknown>): void => {
  const name = fiber.name === undefined ? '' : ` ${fiber.name}`
  host.console.error(`aio-ts: nobody else can see this: fiber #${fiber.id}${name} ${Reasons.pretty(cause)}`)
}

type Reporter = NonNullable<RuntimeOptions['reporter']>

class Services implements RuntimeServices {
  constructor(
    readonly clock: Clock,
    readonly yieldEvery: number,
    private readonly reporter: Reporter,
    readonly random: () => number,
    readonly ready: (fiber: FiberState) => void,
    readonly readyLater: (fiber: FiberState) => void
  ) {}

  report(cause: Cause<unknown>, fiber: FiberState): void {
    try {
      this.reporter(cause, fiber)
    } catch (thrown) {
      writeReport(Reasons.combine(cause, Reasons.die(thrown)), fiber)
    }
  }

  /** The same with another way of giving turns. */
  scheduledBy(ready: (fiber: FiberState) => void): Services {
    return new Services(this.clock, this.yieldEvery, this.reporter, this.random, ready, ready)
  }
}

const hostQueue = /* @__PURE__ */ new HostQueue(runFiber)
const queueReady = (fiber: FiberState): void => hostQueue.push(fiber)
const queueLater = (fiber: FiberState): void => hostQueue.pushLater(fiber)

/** Hands each ready fiber to a scheduler of the user's, and holds that one to its promise. */
const throughScheduler =
  (scheduler: Scheduler) =>
  (fiber: FiberState): void => {
    let state: 'scheduling' | 'waiting' | 'run' = 'scheduling'
    scheduler.schedule(fiber, () => {
      if (state === 'run') throw new Error(`Scheduler: the turn of fiber ${fiber.title} was given twice`)
      if (state === 'scheduling') {
        throw new Error(`Scheduler: \`run\` of fiber ${fiber.title} was called from within \`schedule\``)
      }
      state = 'run'
      runFiber(fiber)
    })
    if (state === 'scheduling') state = 'waiting'
  }

const hasMethod = (value: unknown, name: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Record<string, unknown>)[name] === 'function'

function checkOptions(options: RuntimeOptions): Error | undefined {
  if (typeof options !== 'object' || options === null) {
    return new TypeError(`makeRuntime: expected an object of options, got ${show(options)}`)
  }
  const { clock, scheduler, yieldEvery, reporter, random } = options
  if (clock !== undefined && !(hasMethod(clock, 'now') && hasMethod(clock, 'setTimer'))) {
    return new TypeError(`makeRuntime: expected a clock with now() and setTimer(), got ${show(clock)}`)
  }
  if (scheduler !== undefined && !hasMethod(scheduler, 'schedule')) {
    return new TypeError(`makeRuntime: expected a scheduler with schedule(), got ${show(scheduler)}`)
  }
  return (
    (yieldEvery === undefined
      ? undefined
      : checkCount('makeRuntime', 'yieldEvery in operations', 1, yieldEvery)) ??
    (reporter === undefined ? undefined : checkFunction('makeRuntime', 'a reporter function', reporter)) ??
    (random === undefined ? undefined : checkFunction('makeRuntime', 'a random function', random))
  )
}

function makeServices(options: RuntimeOptions): Services {
  const wrong = checkOptions(options)
  if (wrong !== undefined) throw wrong
  const scheduled = options.scheduler === undefined ? undefined : throughScheduler(options.scheduler)
  return new Services(
    options.clock ?? hostClock,
    options.yieldEvery ?? 2048,
    options.reporter ?? writeReport,
    options.random ?? Math.random,
    scheduled ?? queueReady,
    scheduled ?? queueLater
  )
}

/** For what is made outside of any runtime, as `new Group()` is. */
export const defaultServices: RuntimeServices = /* @__PURE__ */ makeServices({})

/** What `runTask` and its kin were given must be a Task. */
const checkTask = (where: string, task: unknown): TypeError | undefined =>
  isTask(task) ? undefined : new TypeError(`${where}: expected a Task, got ${show(task)}`)

type Ended = (exit: Exit<unknown, unknown>, fiber: FiberState) => void

function start(
  services: RuntimeServices,
  task: Task<unknown, unknown>,
  options: RunOptions | undefined,
  ended: Ended
): FiberState {
  const signal = options?.signal
  if (signal !== undefined && !hasMethod(signal, 'addEventListener')) {
    throw new TypeError(`signal: expected an AbortSignal, got ${show(signal)}`)
  }
  const root = new Root(ended)
  const fiber = new FiberState(services, task, root, options?.name, undefined)
  roots.add(fiber)
  if (signal !== undefined) {
    const interrupt = (): void => fiber.interruptNowait()
    root.undo = () => signal.removeEventListener('abort', interrupt)
    if (signal.aborted) interrupt()
    else signal.addEventListener('abort', interrupt)
  }
  try {
    services.ready(fiber)
  } catch (thrown) {
    // A scheduler that refuses it: it will never run.
    roots.remove(fiber)
    root.undo?.()
    throw thrown
  }
  return fiber
}

/** Starts a whole program on the default runtime; `ended` is told how it went, in the very turn in which it ends. */
export const startProgram = (task: Task<unknown, unknown>, ended: Ended): FiberState =>
  start(defaultServices, task, undefined, ended)

/** What a promise rejects with, and `runSync` throws, for a cause that is no typed failure. */
function rejectionOf(cause: Cause<unknown>): unknown {
  const defects = Reasons.defects(cause)
  return defects.length > 0 ? defects[0] : new InterruptedError(cause as Cause<never>)
}

/** The typed failure that stands for the whole cause, the others being told to the reporter; undefined where there is none. */
function failureOf(cause: Cause<unknown>, fiber: FiberState): { readonly error: unknown } | undefined {
  const [error, ...others] = Reasons.failures(cause)
  if (!Reasons.isFailureOnly(cause)) {
    // A promise has room for one rejection.
    const [, ...unseen] = cause.reasons
    const [first, ...rest] = unseen
    if (first !== undefined && Reasons.isWorthTelling({ reasons: [first, ...rest], trace: [] })) {
      fiber.runtime.report(cause, fiber)
    }
    return undefined
  }
  if (others.length > 0) fiber.runtime.report(cause, fiber)
  return { error }
}

/** Whoever keeps the fiber may still look at it; told of later, so that who looks a moment after its end comes in time. */
function reportUnseen(exit: Exit<unknown, unknown>, fiber: FiberState): void {
  if (exit._tag === 'Right' || !Reasons.isWorthTelling(exit.left)) return
  defer(() => {
    if ((fiber.flags & Flag.Observed) === 0) fiber.runtime.report(exit.left, fiber)
  })
}

class TaskRuntime {
  constructor(private readonly services: Services) {}

  readonly runTask = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Either<E, A>> =>
    new Promise((resolve, reject) => {
      const wrong = checkTask('runTask', task)
      if (wrong !== undefined) throw wrong
      start(this.services, task, options, (exit, fiber) => {
        if (exit._tag === 'Right') return resolve(exit as Either<E, A>)
        const failure = failureOf(exit.left, fiber)
        if (failure === undefined) reject(rejectionOf(exit.left))
        else resolve(left(failure.error as E))
      })
    })

  readonly runTaskExit = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Exit<E, A>> =>
    new Promise((resolve) => {
      const wrong = checkTask('runTaskExit', task)
      if (wrong === undefined) start(this.services, task, options, (exit) => resolve(exit as Exit<E, A>))
      else resolve(left(Reasons.die(wrong)))
    })

  readonly runFork = <E, A>(task: Task<E, A>, options?: RunOptions): Fiber<E, A> => {
    const wrong = checkTask('runFork', task)
    if (wrong !== undefined) throw wrong
    return start(this.services, task, options, reportUnseen) as Fiber<unknown, unknown> as Fiber<E, A>
  }

  readonly runSync = <E, A>(task: Task<E, A>): Either<E, A> => {
    const wrong = checkTask('runSync', task)
    if (wrong !== undefined) throw wrong
    const turns = new Ring()
    let isOver = false
    const services = this.services.scheduledBy((ready) => {
      if (isOver) this.services.ready(ready)
      else turns.push(ready)
    })
    let result: Exit<unknown, unknown> | undefined
    const fiber = start(services, task, undefined, (exit, ofFiber) => {
      result = exit
      // The caller has been told that it was not done at once; how it ends after that nobody else can see.
      if (isGivenUp && exit._tag === 'Left' && Reasons.isWorthTelling(exit.left))
        services.report(exit.left, ofFiber)
    })
    let isGivenUp = false
    const runUntilDone = (): void => {
      while (result === undefined) {
        const next = turns.shift()
        if (next === undefined) return
        runFiber(next)
      }
    }
    /** What is left behind goes on where everybody else does. */
    const leaveRest = (): void => {
      isOver = true
      for (let next = turns.shift(); next !== undefined; next = turns.shift()) this.services.ready(next)
    }
    runUntilDone()
    if (result === undefined) {
      const status = fiber.status()
      isGivenUp = true
      fiber.interruptNowait()
      runUntilDone()
      leaveRest()
      const on = status._tag === 'Waiting' ? `: it waits for ${status.on}` : ''
      throw new Error(`runSync: the task is not done at once${on}; run it by runTask`)
    }
    leaveRest()
    const exit: Exit<unknown, unknown> = result
    if (exit._tag === 'Right') return exit as Either<E, A>
    const failure = failureOf(exit.left, fiber)
    if (failure === undefined) throw rejectionOf(exit.left)
    return left(failure.error as E)
  }
}

/**
 * hat.aio.init_asyncio: the same four with another clock, scheduler or reporter. Throws at options that make no sense.
 */
export const makeRuntime = (options: RuntimeOptions): Runtime => new TaskRuntime(makeServices(options))

const defaultRuntime: Runtime = /* @__PURE__ */ new TaskRuntime(defaultServices as Services)

/**
 * Runs it and resolves to the Either. Rejects with the defect itself, or with InterruptedError. Of several reasons a promise can
 * only show one; the reporter hears of the others.
 */
export const runTask = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Either<E, A>> =>
  defaultRuntime.runTask(task, options)

/** Runs it and resolves to how it ended. Never rejects. */
export const runTaskExit = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Exit<E, A>> =>
  defaultRuntime.runTaskExit(task, options)

/** Starts it and gives its fiber. Throws at what is no Task. A failure that nobody looks at goes to the reporter. */
export const runFork = <E, A>(task: Task<E, A>, options?: RunOptions): Fiber<E, A> =>
  defaultRuntime.runFork(task, options)

/** Runs it within the call. Throws if it is not done at once (it is interrupted then), at a defect and at an interruption. */
export const runSync = <E, A>(task: Task<E, A>): Either<E, A> => defaultRuntime.runSync(task)

/** An fp-ts TaskEither that runs it on call. Interruption and defects reject. */
export const toTaskEither =
  <E, A>(task: Task<E, A>): TaskEither<E, A> =>
  () =>
    runTask(task)
