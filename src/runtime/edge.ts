/**
 * The edge of the program: Tasks become Promises, Eithers and fibers here and nowhere else.
 *
 * `runTask` and `runTaskExit` give the fiber its first turn within the call, as an async function does: most of
 * what a handler runs ends there. A fiber that the caller receives starts at its turn, because its task may refer
 * to it.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { Fiber } from '../core/fiber.js'
import { isTask, type Task } from '../core/node.js'
import { expected, hasMethod } from '../data/check-input.js'
import { diagnostics } from '../data/diagnostics.js'
import { left } from '../data/either.js'
import { InterruptedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import type { AbortSignal } from '../data/host.js'
import type { Cause } from '../data/reasons.js'
import * as Reasons from '../data/reasons.js'
import { FiberState, Flag, type Owner, type RuntimeServices } from './fiber-state.js'
import { asPublicFiber } from './public-fiber.js'
import { rootFibers } from './root-fibers.js'
import { onNextMacrotask } from './scheduler.js'
import { hostServices } from './services.js'

/** Options of one run. */
export interface RunOptions {
  /** Interrupts the run when it aborts. The listener is removed at the end of the run. */
  readonly signal?: AbortSignal
  /** The name of the fiber in traces, dumps and the inspector. */
  readonly name?: string
}

/**
 * Returns undefined if `task` is a Task and `signal` is an AbortSignal or undefined, otherwise the error that
 * says so. `runTask`, `runTaskExit`, `runFork` and `runSync` use it.
 */
export function checkTask(where: string, task: unknown, options?: RunOptions): TypeError | undefined {
  if (!isTask(task)) return expected(where, 'a Task', task)
  const signal = options?.signal
  return signal === undefined || hasMethod(signal, 'addEventListener')
    ? undefined
    : expected(where, 'signal to be an AbortSignal', signal)
}

/** The owner of a fiber started at the edge of the program. It is notified when the fiber has ended. */
export abstract class Root implements Owner {
  /** Removes what was registered for the run. */
  undo: (() => void) | undefined = undefined

  protected abstract over(exit: Exit<unknown, unknown>, fiber: FiberState): void

  ended(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    rootFibers.remove(fiber)
    this.undo?.()
    this.over(exit, fiber)
  }
}

/** Starts `task` in a new fiber. Throws if the options or the scheduler reject it. */
export function startFiber(
  services: RuntimeServices,
  task: Task<unknown, unknown>,
  options: RunOptions | undefined,
  root: Root,
  startsNow = false
): FiberState {
  const fiber = new FiberState(services, task, root, options?.name)
  const signal = options?.signal
  rootFibers.add(fiber)
  try {
    if (signal !== undefined) interruptOn(signal, fiber, root)
    if (startsNow) services.start(fiber)
    else fiber.begin()
  } catch (thrown) {
    // The fiber will never run.
    rootFibers.remove(fiber)
    root.undo?.()
    throw thrown
  }
  return fiber
}

function interruptOn(signal: AbortSignal, fiber: FiberState, root: Root): void {
  const interrupt = (): void => fiber.requestInterruption(0)
  root.undo = () => signal.removeEventListener('abort', interrupt)
  if (signal.aborted) interrupt()
  else signal.addEventListener('abort', interrupt)
}

/**
 * Returns what a promise rejects with, and what `runSync` throws, for a cause that is not a typed failure.
 */
export function rejectionOf(cause: Cause<unknown>): unknown {
  const died = cause.reasons.find((reason) => reason._tag === 'Die')
  return died === undefined ? new InterruptedError(cause as Cause<never>) : died.defect
}

/**
 * Returns the typed failure that represents the whole cause, or undefined if there is none. If the other
 * reasons are more than requests to stop, the cause goes to the reporter.
 */
export function typedFailureOf(
  cause: Cause<unknown>,
  fiber: FiberState
): { readonly error: unknown } | undefined {
  const [first] = cause.reasons
  // A promise has room for one rejection, and an Either for one failure.
  if (diagnostics.bound?.hidesTrouble(cause)) fiber.runtime.report(cause, fiber)
  return first._tag === 'Fail' && Reasons.isFailureOnly(cause) ? first : undefined
}

/** Converts an exit into what a promise resolves to, or into a rejected promise. */
type ResultOf = (exit: Exit<unknown, unknown>, fiber: FiberState) => unknown

class Promised extends Root {
  private resolve: ((result: unknown) => void) | undefined = undefined
  /** Set if the fiber has ended within the call: then the promise needs no function that resolves it. */
  private settled: Promise<unknown> | undefined = undefined

  constructor(private readonly resultOf: ResultOf) {
    super()
  }

  protected over(exit: Exit<unknown, unknown>, fiber: FiberState): void {
    const result = this.resultOf(exit, fiber)
    if (this.resolve === undefined) this.settled = Promise.resolve(result)
    else this.resolve(result)
  }

  /** Returns the promise, once the fiber has been started. */
  promise(): Promise<unknown> {
    return (
      this.settled ??
      new Promise((resolve) => {
        this.resolve = resolve
      })
    )
  }
}

function runAsPromise(
  services: RuntimeServices,
  task: Task<unknown, unknown>,
  options: RunOptions | undefined,
  resultOf: ResultOf
): Promise<unknown> {
  const root = new Promised(resultOf)
  try {
    startFiber(services, task, options, root, true)
  } catch (thrown) {
    return Promise.reject(thrown)
  }
  return root.promise()
}

function eitherOf(exit: Exit<unknown, unknown>, fiber: FiberState): unknown {
  if (exit._tag === 'Right') return exit
  const failure = typedFailureOf(exit.left, fiber)
  return failure === undefined ? Promise.reject(rejectionOf(exit.left)) : left(failure.error)
}

const unchanged = (exit: Exit<unknown, unknown>): unknown => exit

class Forked extends Root {
  /**
   * The fiber may still be inspected after its end. So a failure is reported only on the next macrotask,
   * which leaves time for code that inspects it a moment after its end.
   */
  protected over(exit: Exit<unknown, unknown>, fiber: FiberState): void {
    if (exit._tag === 'Right' || !Reasons.isWorthTelling(exit.left)) return
    onNextMacrotask(() => {
      if ((fiber.flags & Flag.Observed) === 0) fiber.runtime.report(exit.left, fiber)
    })
  }
}

class StartedProgram extends Root {
  constructor(protected readonly over: (exit: Exit<unknown, unknown>, fiber: FiberState) => void) {
    super()
  }
}

export const runTaskOn = <E, A>(
  services: RuntimeServices,
  task: Task<E, A>,
  options: RunOptions | undefined
): Promise<Either<E, A>> => {
  const wrong = checkTask('runTask', task, options)
  if (wrong !== undefined) return Promise.reject(wrong)
  // SAFETY: the fiber of a `Task<E, A>` ends with an `Exit<E, A>`.
  return runAsPromise(services, task, options, eitherOf) as Promise<Either<E, A>>
}

export const runTaskExitOn = <E, A>(
  services: RuntimeServices,
  task: Task<E, A>,
  options: RunOptions | undefined
): Promise<Exit<E, A>> => {
  const wrong = checkTask('runTaskExit', task, options)
  if (wrong !== undefined) return Promise.resolve(left(Reasons.die(wrong)))
  // SAFETY: the fiber of a `Task<E, A>` ends with an `Exit<E, A>`.
  return runAsPromise(services, task, options, unchanged) as Promise<Exit<E, A>>
}

export const runForkOn = <E, A>(
  services: RuntimeServices,
  task: Task<E, A>,
  options: RunOptions | undefined
): Fiber<E, A> => {
  const wrong = checkTask('runFork', task, options)
  if (wrong !== undefined) throw wrong
  return asPublicFiber(startFiber(services, task, options, new Forked())) as Fiber<unknown, unknown> as Fiber<
    E,
    A
  >
}

/**
 * Starts a whole program on the default runtime. Calls `over` with its exit, in
 * the very turn in which it ends.
 */
export const startProgram = (
  task: Task<unknown, unknown>,
  over: (exit: Exit<unknown, unknown>, fiber: FiberState) => void
): FiberState => startFiber(hostServices, task, undefined, new StartedProgram(over))

/**
 * Runs `task` and resolves to an Either of its typed failure or its value. The fiber starts within the call, as an
 * async function does, except from within a fiber, hook or reporter. Rejects with the defect itself, or
 * with InterruptedError. A promise can show only one of several reasons: if the others are more than requests
 * to stop, the whole cause goes to the reporter as well.
 */
export const runTask = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Either<E, A>> =>
  runTaskOn(hostServices, task, options)

/** Runs `task` like `runTask`, and resolves to its Exit. Never rejects. */
export const runTaskExit = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Exit<E, A>> =>
  runTaskExitOn(hostServices, task, options)

/**
 * Starts `task` and returns its fiber. Throws a TypeError if `task` is not a Task, or `signal` is not an
 * AbortSignal. A failure that is never observed goes to the reporter.
 */
export const runFork = <E, A>(task: Task<E, A>, options?: RunOptions): Fiber<E, A> =>
  runForkOn(hostServices, task, options)
