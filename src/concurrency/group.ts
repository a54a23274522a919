/// <reference lib="esnext.disposable" preserve="true" />
/**
 * hat.aio.Group and hat.aio.Resource: which fibers run, for how long, and which handler receives their
 * failures.
 *
 * A Group supervises fibers. Its type says which errors its handler receives: a `Group<never>` takes only
 * tasks that cannot fail, so that no error channel is dropped.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import { die, fail, succeed, suspend } from '../core/construct.js'
import type { Fiber } from '../core/fiber.js'
import { isTask, Op, primitive, type Task } from '../core/node.js'
import { checkFunction, checkTime, expected, isThenable } from '../data/check-input.js'
import { left, right } from '../data/either.js'
import { GroupClosedError } from '../data/errors.js'
import { captureContext } from '../data/host-context.js'
import { disown } from '../data/promises.js'
import type { Cause } from '../data/reasons.js'
import { countOf, summary, withInspect } from '../data/to-string.js'
import { runTask } from '../runtime/edge.js'
import { type FiberState, hostContextOf } from '../runtime/fiber-state.js'
import { asPublicFiber } from '../runtime/public-fiber.js'
import { hostServices } from '../runtime/services.js'
import { withFiber } from '../task/current-fiber.js'
import { promise } from '../task/promise.js'
import { acquireFor } from './acquire.js'
import { Scope, ScopeState } from './scope.js'

/** How a lifetime ends. */
export interface CloseOptions {
  /** Whether the fibers are interrupted; true if left out. With false they are left to end by themselves. */
  readonly interrupt?: boolean
  /** Leaves the fibers so many milliseconds to end by themselves, then interrupts them. */
  readonly graceMs?: number
}

/** What a Group is made with. */
export interface GroupOptions<E> {
  /** For traces, dumps and the inspector. */
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
 * Anything with hat.aio's lifetime: open, then closing, then closed. A class of yours need only say which
 * group it lives in.
 */
export abstract class Resource {
  abstract get asyncGroup(): Group<never>

  get isOpen(): boolean {
    return scopeOf(this).state === ScopeState.Open
  }

  /** Closing or closed. */
  get isClosing(): boolean {
    return scopeOf(this).state !== ScopeState.Open
  }

  get isClosed(): boolean {
    return scopeOf(this).state === ScopeState.Closed
  }

  /** Until it is closing or closed. */
  waitClosing(): Task<never, void> {
    return suspend(() => scopeOf(this).waitClosing)
  }

  /** Until it is closed: no fiber of it is alive, and what it had acquired is released. */
  waitClosed(): Task<never, void> {
    return suspend(() => scopeOf(this).waitClosed)
  }

  /**
   * Starts closing, now: newcomers are refused when it returns. Nothing more when already closing, but that
   * `interrupt: true` after `interrupt: false` interrupts what is left. Throws a RangeError at a `graceMs`
   * that makes no sense.
   */
  close(options?: CloseOptions): void {
    const wrong = checkClose('close', options)
    if (wrong !== undefined) throw wrong
    closeScope(scopeOf(this), options)
  }

  /**
   * Closes the group and waits until it is closed. A fiber of the group is interrupted at that wait; in an
   * uninterruptible region it dies with a defect instead, since it would wait for itself. Interrupting the
   * wait does not stop the closing.
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

  /** For `await using`: `close`, at once, and the promise of its having been closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close()
    await runTask(this.waitClosed())
  }
}

/** Safe because every Group has one, though only this file knows of it. */
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
 * A supervisor of fibers. To spawn a task that fails with `E`, say what happens to an `E`.
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
   * On the default runtime, also within a fiber of another. `Group.make` makes one on the runtime of the
   * fiber that runs it.
   */
  constructor(
    ...args: [E] extends [never] ? [options?: Partial<GroupOptions<never>>] : [options: GroupOptions<E>]
  )
  constructor(given?: Scope | Partial<GroupOptions<never>>) {
    super()
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

  /** How many of its own fibers have not ended. */
  get size(): number {
    return this.scope.fibers.size
  }

  toJSON(): unknown {
    const { name, stage } = this.scope
    return { _tag: 'Group', name, stage, size: this.size }
  }

  override toString(): string {
    const { name, stage } = this.scope
    return groupText('Group', name, stage, countOf(this.size, 'fiber'))
  }

  /**
   * Closed with its parent; closing it leaves the parent open. Without a handler of its own its failures go
   * to the parent's.
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
   * Starts a fiber in the group, on the runtime and with the locals of the fiber that runs this. Closed:
   * nothing runs.
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
   * Spawns from a callback: the fiber runs on the runtime that made the group, or on the default one. Returns
   * a GroupClosedError if the group is closing. Throws a TypeError if `task` is not a Task.
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
   * Takes a promise that is already running under the group's care: closing waits for it unless interrupted.
   * Its rejection is a defect. A closed group refuses it: that is what GroupClosedError says, and the promise
   * stays the caller's. Its rejection is never reported as unhandled, whether the group takes it, refuses it,
   * or is never asked.
   */
  wrap<A>(running: PromiseLike<A>): Task<GroupClosedError, Fiber<never, A>> {
    if (!isThenable(running)) {
      return die(expected('Group.wrap', 'a promise', running))
    }
    // Now, since it may reject before this runs.
    disown(running)
    return primitive(Op.Park, (fiber: FiberState) => {
      if (this.scope.state !== ScopeState.Open) return fail(new GroupClosedError())
      // Call the `then` of another thenable exactly once: each call may start its work again.
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
   * Acquired now, uninterruptibly; released once when the group closes, after its fibers and subgroups have
   * ended, last acquired first. A release that dies stops no other and goes to the reporter.
   *
   * Released at once where the caller does not get it: in a group that began to close meanwhile, where this
   * fails with GroupClosedError, and where the caller was interrupted meanwhile and would have gone on with
   * it. An acquisition that waits until its own group is closed would wait for itself: it dies with an error
   * that says so.
   */
  acquire<E1, R>(
    acquire: Task<E1, R>,
    release: (r: R) => Task<never, unknown>
  ): Task<E1 | GroupClosedError, R> {
    const wrong = checkFunction('Group.acquire', 'a function that gives the Task that releases', release)
    return wrong === undefined ? acquireFor(this.scope, acquire, release) : die(wrong)
  }
}

const groupText = /* @__PURE__ */ withInspect(Group, summary)

function checkGroupOptions(
  where: string,
  options: Partial<GroupOptions<never>> | undefined
): Error | undefined {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null) {
    return expected(where, 'an object of options', options)
  }
  const { onFailure } = options
  return onFailure === undefined ? undefined : checkFunction(where, 'onFailure to be a function', onFailure)
}

/** The constructor takes a scope as well, which no caller outside of the library has. */
export const groupOf = <E>(scope: Scope): Group<E> =>
  new (Group as unknown as new (scope: Scope) => Group<E>)(scope)
