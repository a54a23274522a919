/**
 * The program's edge: Tasks become Promises, Eithers and fibers here and nowhere else.
 *
 * Every fiber, the first one too, begins at its turn and not within the call that makes it, so that the
 * scheduler decides about all of them.
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

/** About one run. */
export interface RunOptions {
  /** Interrupts the run when it aborts. No listener stays on it after the run. */
  readonly signal?: AbortSignal
  /** For traces, dumps and the inspector. */
  readonly name?: string
}

/**
 * The error for arguments of `runTask`, `runTaskExit` or `runFork` that are not a Task or not a signal;
 * undefined if they are valid.
 */
export function checkTask(where: string, task: unknown, options?: RunOptions): TypeError | undefined {
  if (!isTask(task)) return expected(where, 'a Task', task)
  const signal = options?.signal
  return signal === undefined || hasMethod(signal, 'addEventListener')
    ? undefined
    : expected(where, 'signal to be an AbortSignal', signal)
}

/** Who starts a fiber at the program's edge, and hears how it ended. */
export abstract class Root implements Owner {
  /** Undoes what was registered for the run. */
  undo: (() => void) | undefined = undefined

  protected abstract over(exit: Exit<unknown, unknown>, fiber: FiberState): void

  ended(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    rootFibers.remove(fiber)
    this.undo?.()
    this.over(exit, fiber)
  }
}

/** Starts `task` in a fiber of its own. Throws where the options or the scheduler refuse it. */
export function startFiber(
  services: RuntimeServices,
  task: Task<unknown, unknown>,
  options: RunOptions | undefined,
  root: Root
): FiberState {
  const fiber = new FiberState(services, task, root, options?.name)
  const signal = options?.signal
  rootFibers.add(fiber)
  try {
    if (signal !== undefined) interruptOn(signal, fiber, root)
    fiber.begin()
  } catch (thrown) {
    // It will never run.
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

/** What a promise rejects with, and `runSync` throws, for a cause that is no typed failure. */
export function rejectionOf(cause: Cause<unknown>): unknown {
  const died = cause.reasons.find((reason) => reason._tag === 'Die')
  return died === undefined ? new InterruptedError(cause as Cause<never>) : died.defect
}

/**
 * The typed failure that represents the whole cause, after reporting the other reasons; undefined if there is
 * none.
 */
export function typedFailureOf(
  cause: Cause<unknown>,
  fiber: FiberState
): { readonly error: unknown } | undefined {
  const [first] = cause.reasons
  // A promise has room for one rejection, and an Either for one failure.
  if (diagnostics.hidesTrouble?.(cause)) fiber.runtime.report(cause, fiber)
  return first._tag === 'Fail' && Reasons.isFailureOnly(cause) ? first : undefined
}

class Promised extends Root {
  constructor(
    private readonly resolve: (result: unknown) => void,
    private readonly reject: (reason: unknown) => void
  ) {
    super()
  }

  protected over(exit: Exit<unknown, unknown>, fiber: FiberState): void {
    const failure = exit._tag === 'Left' ? typedFailureOf(exit.left, fiber) : undefined
    if (exit._tag === 'Right') this.resolve(exit)
    else if (failure === undefined) this.reject(rejectionOf(exit.left))
    else this.resolve(left(failure.error))
  }
}

class PromisedExit extends Root {
  constructor(private readonly resolve: (exit: unknown) => void) {
    super()
  }

  protected over(exit: Exit<unknown, unknown>): void {
    this.resolve(exit)
  }
}

class Forked extends Root {
  /**
   * The owner of the handle may still read the exit, so an unobserved failure is reported one macrotask
   * later.
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
): Promise<Either<E, A>> =>
  new Promise((resolve, reject) => {
    const wrong = checkTask('runTask', task, options)
    if (wrong !== undefined) throw wrong
    // SAFETY: what the fiber of a `Task<E, A>` ends with is an `Exit<E, A>`.
    startFiber(services, task, options, new Promised(resolve as (result: unknown) => void, reject))
  })

export const runTaskExitOn = <E, A>(
  services: RuntimeServices,
  task: Task<E, A>,
  options: RunOptions | undefined
): Promise<Exit<E, A>> =>
  new Promise((resolve) => {
    const wrong = checkTask('runTaskExit', task, options)
    if (wrong !== undefined) return resolve(left(Reasons.die(wrong)))
    startFiber(services, task, options, new PromisedExit(resolve as (exit: unknown) => void))
  })

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
 * Starts a whole program on the default runtime; `over` is told how it went, in the very turn in which it
 * ends.
 */
export const startProgram = (
  task: Task<unknown, unknown>,
  over: (exit: Exit<unknown, unknown>, fiber: FiberState) => void
): FiberState => startFiber(hostServices, task, undefined, new StartedProgram(over))

/**
 * Runs it and resolves to the Either. Rejects with the defect itself, or with InterruptedError. A promise can
 * carry only one of several reasons; the others are reported.
 */
export const runTask = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Either<E, A>> =>
  runTaskOn(hostServices, task, options)

/** Runs it and resolves to how it ended. Never rejects. */
export const runTaskExit = <E, A>(task: Task<E, A>, options?: RunOptions): Promise<Exit<E, A>> =>
  runTaskExitOn(hostServices, task, options)

/**
 * Starts it and gives its fiber. Throws at what is no Task. A failure that nobody looks at goes to the
 * reporter.
 */
export const runFork = <E, A>(task: Task<E, A>, options?: RunOptions): Fiber<E, A> =>
  runForkOn(hostServices, task, options)
