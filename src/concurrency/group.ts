/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Group and Resource, the counterparts of hat.aio.Group and hat.aio.Resource:
 * which fibers run, for how long, and which handler receives their failures.
 *
 * A Group supervises fibers. Its type says which errors have a handler: a `Group<never>`
 * accepts only tasks that cannot fail, so that no error channel is dropped silently.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import { die, fail, succeed, suspend } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import { isTask, Op, primitive, type Task } from '../core/node.js'
import { checkFunction, checkTime, expected, isThenable } from '../data/check-input.js'
import { callback, checkOptions } from '../data/check-options.js'
import { left, right } from '../data/either.js'
import { GroupClosedError } from '../data/errors.js'
import { captureContext } from '../data/host-context.js'
import { disown } from '../data/promises.js'
import type { Cause } from '../data/reasons.js'
import { countOf, showAsText, summary } from '../data/to-string.js'
import { runTask } from '../runtime/edge.js'
import { type FiberState, hostContextOf } from '../runtime/fiber-state.js'
import { asPublicFiber } from '../runtime/public-fiber.js'
import { hostServices } from '../runtime/services.js'
import { withFiber } from '../task/current-fiber.js'
import { promise } from '../task/promise.js'
import { acquireFor } from './acquire.js'
import { Scope, ScopeState } from './scope.js'

/** How to close a Group or a Resource. */
export interface CloseOptions {
  /**
   * Whether to interrupt the fibers at once. The default is true, or false if `graceMs` is given. With false
   * they may end by themselves.
   */
  readonly interrupt?: boolean
  /** Milliseconds that the fibers have to end by themselves before they are interrupted. */
  readonly graceMs?: number
}

/** Options of a Group. */
export interface GroupOptions<E> {
  /** The name in traces, dumps and the inspector. */
  readonly name?: string
  /** Called once for each fiber that fails or dies. The other fibers continue. */
  readonly onFailure: (cause: Cause<E>, fiber: Fiber<E, unknown>) => void
}

const checkClose = (where: string, options: CloseOptions | undefined): Error | undefined =>
  options?.graceMs === undefined ? undefined : checkTime(`${where} graceMs`, options.graceMs)

function closeScope(scope: Scope, options: CloseOptions | undefined): void {
  scope.close(options?.interrupt ?? options?.graceMs === undefined, options?.graceMs)
}

/**
 * An object with the lifetime of hat.aio: it is open, then closing,
 * then closed. A subclass only has to say which group it belongs to.
 */
export abstract class Resource {
  abstract get asyncGroup(): Group<never>

  get isOpen(): boolean {
    return scopeOf(this).state === ScopeState.Open
  }

  /** Whether it is closing or closed. */
  get isClosing(): boolean {
    return scopeOf(this).state !== ScopeState.Open
  }

  get isClosed(): boolean {
    return scopeOf(this).state === ScopeState.Closed
  }

  /** Waits until it is closing or closed. */
  waitClosing(): Task<never, void> {
    return suspend(() => scopeOf(this).waitClosing)
  }

  /** Waits until it is closed: all of its fibers have ended, and everything that it acquired is released. */
  waitClosed(): Task<never, void> {
    return suspend(() => scopeOf(this).waitClosed)
  }

  /**
   * Starts closing at once: when this method returns, new fibers are refused. If it is already
   * closing, nothing more happens, except that `interrupt: true` after `interrupt: false`
   * interrupts the fibers that are left. Throws a RangeError if `graceMs` is invalid.
   */
  close(options?: CloseOptions): void {
    const wrong = checkClose('close', options)
    if (wrong !== undefined) throw wrong
    closeScope(scopeOf(this), options)
  }

  /**
   * Closes the resource like `close`, and waits until it is closed. One of its own fibers is
   * interrupted at that wait. In an uninterruptible region such a fiber dies of a defect instead,
   * because it would wait for itself. Interrupting the waiting fiber does not stop the closing.
   */
  asyncClose(options?: CloseOptions): Task<never, void> {
    const wrong = checkClose('asyncClose', options)
    if (wrong !== undefined) return die(wrong)
    return suspend(() => {
      const scope = scopeOf(this)
      closeScope(scope, options)
      return scope.waitClosed
    })
  }

  /**
   * Supports `await using`: calls `close` at once and returns
   * a promise that resolves when the resource is closed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await runTask(this.waitClosed())
  }
}

/** Safe because every Group has a scope, although only this file has access to it. */
const scopeOf = (resource: Resource): Scope =>
  (resource.asyncGroup as unknown as { readonly scope: Scope }).scope

const spawnIn = (
  fiber: FiberState,
  scope: Scope,
  task: Task<unknown, unknown>,
  name?: string
): Task<unknown, unknown> =>
  scope.state === ScopeState.Open
    ? succeed(
        asPublicFiber(scope.start(fiber.runtime, task, hostContextOf(fiber), name, fiber.extra?.locals))
      )
    : fail(new GroupClosedError())

/**
 * A supervisor of fibers. To spawn a task that fails with `E`, the group needs a handler for `E`.
 *
 * ```ts
 * import { Cause, Group, runTask, Task } from 'aio-ts'
 *
 * const program = Task.gen(function* () {
 *   const group = yield* Group.make<string>({ onFailure: (cause) => console.log(Cause.failures(cause)) })
 *   const fiber = yield* group.spawn(Task.succeed(1))
 *   yield* group.spawn(Task.fail('no'))
 *   const value = yield* fiber.join()
 *   yield* group.asyncClose({ interrupt: false })
 *   return value
 * })
 * console.log(await runTask(program)) // => [ 'no' ]
 * // => { _tag: 'Right', right: 1 }
 * ```
 */
export class Group<in E = never> extends Resource {
  private readonly scope: Scope

  static make(options?: Partial<GroupOptions<never>>): Task<never, Group<never>>
  static make<E>(options: GroupOptions<E>): Task<never, Group<E>>
  static make(options?: Partial<GroupOptions<never>>): Task<never, Group<never>> {
    const wrong = checkGroupOptions('Group.make', options)
    if (wrong !== undefined) return die(wrong)
    return withFiber((fiber) =>
      succeed(
        groupOf(new Scope(fiber.runtime, undefined, options?.name, options?.onFailure, hostContextOf(fiber)))
      )
    )
  }

  /**
   * Creates a group on the default runtime, even within a fiber of another
   * runtime. `Group.make` creates one on the runtime of the fiber that runs it.
   */
  constructor(
    ...args: [E] extends [never] ? [options?: Partial<GroupOptions<never>>] : [options: GroupOptions<E>]
  )
  constructor(given?: Scope | Partial<GroupOptions<never>>) {
    super()
    showAsText(Group.prototype)
    if (given instanceof Scope) {
      this.scope = given
      return
    }
    const wrong = checkGroupOptions('Group', given)
    if (wrong !== undefined) throw wrong
    this.scope = new Scope(hostServices, undefined, given?.name, given?.onFailure, captureContext())
  }

  get asyncGroup(): this {
    return this
  }

  /** The number of its own fibers that have not ended. */
  get size(): number {
    return this.scope.fibers.size
  }

  toJSON(): unknown {
    const { name, stage } = this.scope
    return { _tag: 'Group', name, stage, size: this.size }
  }

  override toString(): string {
    const { name, stage } = this.scope
    return summary('Group', name, stage, countOf(this.size, 'fiber'))
  }

  /**
   * Creates a group that is closed together with this one; closing the subgroup leaves
   * this group open. If the subgroup has no handler of its own, its failures go to the
   * handler of this group. Fails with GroupClosedError if this group is closing or closed.
   */
  createSubgroup(options?: { readonly name?: string }): Task<GroupClosedError, Group<E>>
  createSubgroup<E2>(options: GroupOptions<E2>): Task<GroupClosedError, Group<E2>>
  createSubgroup(options?: Partial<GroupOptions<never>>): Task<GroupClosedError, Group<never>> {
    const wrong = checkGroupOptions('Group.createSubgroup', options)
    if (wrong !== undefined) return die(wrong)
    return withFiber((fiber) =>
      this.scope.state === ScopeState.Open
        ? succeed(groupOf(this.scope.makeBelow(options?.name, options?.onFailure, hostContextOf(fiber))))
        : fail(new GroupClosedError())
    )
  }

  /**
   * Starts a fiber in the group, on the runtime and with the locals of the fiber that runs this
   * Task. If the group is closing or closed, fails with GroupClosedError, and `task` is not run.
   */
  spawn<E1 extends E, A>(
    task: Task<E1, A>,
    options?: { readonly name?: string }
  ): Task<GroupClosedError, Fiber<E1, A>> {
    if (!isTask(task)) return die(expected('Group.spawn', 'a Task', task))
    const name = options?.name
    return name === undefined
      ? primitive(Op.Park, spawnIn, this.scope, task)
      : primitive(Op.Park, (fiber: FiberState) => spawnIn(fiber, this.scope, task, name))
  }

  /**
   * Starts a fiber in the group from a callback, outside of any fiber. The fiber runs on the
   * runtime that created the group, or the default one. Throws a TypeError if `task` is not a Task.
   */
  spawnNowait<E1 extends E, A>(
    task: Task<E1, A>,
    options?: { readonly name?: string }
  ): Either<GroupClosedError, Fiber<E1, A>> {
    if (!isTask(task)) throw expected('Group.spawnNowait', 'a Task', task)
    if (this.scope.state !== ScopeState.Open) return left(new GroupClosedError())
    const { services } = this.scope
    const fiber: Fiber<unknown, unknown> = asPublicFiber(
      this.scope.start(services, task, captureContext(), options?.name)
    )
    return right(fiber as Fiber<E1, A>)
  }

  /**
   * Puts a promise that is already pending under the control of the group: closing waits
   * for it, unless closing interrupts the fibers. A rejection of the promise is a defect.
   * If the group is closing or closed, `wrap` fails with GroupClosedError, and the promise
   * remains the responsibility of the caller. A rejection is never reported as unhandled,
   * whether the group accepts the promise, refuses it, or the Task is never run.
   */
  wrap<A>(running: PromiseLike<A>): Task<GroupClosedError, Fiber<never, A>> {
    if (!isThenable(running)) {
      return die(expected('Group.wrap', 'a promise', running))
    }
    // This happens now, because the promise may reject before the Task is run.
    disown(running)
    return primitive(Op.Park, (fiber: FiberState) => {
      if (this.scope.state !== ScopeState.Open) return fail(new GroupClosedError())
      // The `then` of a foreign thenable is called once, here: each call may start its work again.
      const owned = Promise.resolve(running)
      disown(owned)
      const wait = promise(() => owned)
      return succeed(
        asPublicFiber(
          this.scope.start(fiber.runtime, wait, hostContextOf(fiber), undefined, fiber.extra?.locals)
        )
      )
    })
  }

  /**
   * Acquires a resource uninterruptibly. It is released once, when the group closes,
   * after the fibers and subgroups of the group have ended; the resource acquired last is
   * released first. A release that dies is reported and does not stop the other releases.
   *
   * The resource is released at once if the caller does not receive it. This happens in a group that has
   * begun to close in the meantime, in which case `acquire` fails with GroupClosedError, and in a caller
   * that was interrupted in the meantime and would have continued with the resource. An acquisition that
   * waits until its own group is closed would wait for itself: it dies of an error that says so.
   */
  acquire<E1, R>(
    acquire: Task<E1, R>,
    release: (r: R) => Task<never, unknown>
  ): Task<E1 | GroupClosedError, R> {
    const wrong = checkFunction('Group.acquire', 'a function that gives the Task that releases', release)
    return wrong === undefined ? acquireFor(this.scope, acquire, release) : die(wrong)
  }
}

const checkGroupOptions = (
  where: string,
  options: Partial<GroupOptions<never>> | undefined
): Error | undefined =>
  options === undefined ? undefined : checkOptions(where, options, { onFailure: callback })

/** The constructor also accepts a scope, which only code of this library can pass. */
export const groupOf = <E>(scope: Scope): Group<E> =>
  new (Group as unknown as new (scope: Scope) => Group<E>)(scope)
