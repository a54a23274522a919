/**
 * The representation of a Task: plain data. There is one class of node with one hidden class. An
 * integer distinguishes the operations, and one switch in the runtime interprets them; running a
 * `flatMap` there allocates nothing.
 */

import { diagnostics } from '../data/diagnostics.js'
import type { LateBound } from '../data/late-bound.js'
import type { Cause, FiberId } from '../data/reasons.js'
import { installDiagnostics } from './diagnostics.js'
import { Op } from './op.js'

export { Op }

/**
 * A description of work. Each run ends in exactly one of: success with an `A`, a typed failure `E`,
 * a defect (a thrown value without a type), or an interruption. Building a Task does nothing;
 * running it twice does the work twice.
 */
export interface Task<out E, out A> {
  /** Type only: the property does not exist at run time. */
  readonly _E: () => E
  /** Type only: the property does not exist at run time. */
  readonly _A: () => A
  /** Makes `yield*` work inside `Task.gen`. */
  [Symbol.iterator](): Iterator<Task<E, A>, A, any>
}

/** The error type of a Task type. */
export type ErrorOf<T> = T extends Task<infer E, any> ? E : never

/** The value type of a Task type. */
export type ValueOf<T> = T extends Task<any, infer A> ? A : never

/**
 * The iterator result that `yield*` receives when its Task has ended. Its value is read at once,
 * so one object serves all Tasks.
 */
export const answer: { readonly done: true; value: unknown } = { done: true, value: undefined }

/** The fiber that runs an operation. `FiberState` of the runtime, which lies above this folder, has more. */
export interface RunningFiber {
  readonly id: FiberId
}

/** Pairs of the value that a frame keeps and its code, the innermost frame last. Unused slots are undefined. */
export type Frames = Array<unknown>

/**
 * Functions that the run loop calls. They are declared as methods, whose parameters TypeScript compares in both
 * directions: a function of the runtime takes a `FiberState`, and one of an operator takes the operands that it
 * was made with. That is safe because all fibers are of that class, and `make` pairs functions with operands.
 */
interface LoopFunctions<B, C> {
  start(fiber: RunningFiber, node: StartNode<B, C>, frames: Frames, depth: number): Node | undefined
  look(fiber: RunningFiber, b: B, c: C): AnyTask | Node | undefined
  handle(fiber: RunningFiber, failure: FailedNode, f: UserFunction, handling: Handling): Node | undefined
  user(value: unknown): unknown
  within(node: GenerateNode): unknown
  succeed(value: unknown): AnyTask | Node
}

/** A function that the user of an operator has passed; its result is checked where it is used. */
type UserFunction = LoopFunctions<unknown, unknown>['user']

/** A `StartOp` (runtime/continuation), for any fiber. */
type StartFunction<B = unknown, C = unknown> = LoopFunctions<B, C>['start']

/** Returns the next node, which is not counted, or undefined if the fiber has begun to wait. */
type Look<B = unknown, C = unknown> = LoopFunctions<B, C>['look']

/** How an `Op.Handle` node handles failures. */
export class Handling {
  constructor(
    /**
     * Calls `f`, the function of the node, if it handles `failure`. Returns the node that the fiber continues
     * with, or undefined if the failure passes.
     */
    readonly handle: LoopFunctions<unknown, unknown>['handle'],
    /** The name of the operator in `Task`, for messages. */
    readonly where: string,
    /** The tag of the errors that it handles, if there is one. */
    readonly tag: string | false | undefined,
    /** Returns the node that the fiber continues with after a value. Without it the value passes. */
    readonly onSuccess: LoopFunctions<unknown, unknown>['succeed'] | undefined
  ) {}
}

type AnyTask = Task<unknown, unknown>

/** A node of the operation `K`, with the operands of that operation. */
interface NodeOf<K, A = undefined, B = undefined, C = undefined> {
  readonly taskOp: K
  readonly a: A
  readonly b: B
  readonly c: C
}

interface SucceedNode extends NodeOf<Op.Succeed, unknown> {}
interface FailNode extends NodeOf<Op.Fail, unknown> {}
interface FailCauseNode extends NodeOf<Op.FailCause, Cause<unknown>> {}
interface NamedNode extends NodeOf<Op.Named, Node, string> {}
interface DeliverNode extends NodeOf<Op.Deliver> {}
interface SyncNode extends NodeOf<Op.Sync, () => unknown> {}
interface SuspendNode extends NodeOf<Op.Suspend, () => Node> {}
export interface FlatMapNode extends NodeOf<Op.FlatMap, Node, (value: unknown) => Node> {}
export interface MapNode extends NodeOf<Op.Map, Node, (value: unknown) => unknown> {}
export interface HandleNode extends NodeOf<Op.Handle, Node, UserFunction, Handling> {}
interface ParkNode extends NodeOf<Op.Park, Look, unknown, unknown> {}
interface YieldNode extends NodeOf<Op.YieldNow> {}

/** A node that a function starts. */
export interface StartNode<B = unknown, C = unknown>
  extends NodeOf<Op.Region | Op.Enter | Op.Generate, StartFunction, B, C> {}

interface EnterNode extends NodeOf<Op.Region | Op.Enter, StartFunction, unknown, unknown> {}

/** A node that starts a generator, as an operation of its own or within the `yield*` of another generator. */
interface GenerateNode extends NodeOf<Op.Generate, StartFunction, unknown, RunWithin> {}

/**
 * Runs the generator of `node` until it suspends or ends, within the `yield*` of another generator. Returns
 * `answer` if it has ended, and otherwise the node for which the other generator suspends.
 */
export type RunWithin = LoopFunctions<unknown, unknown>['within']

/** A node that fails. */
export type FailedNode = FailNode | FailCauseNode

/**
 * One operation. Immutable, so runs and fibers can share a Task freely. `Task.gen` installs the
 * iterator protocol that `yield*` needs.
 */
export type Node =
  | SucceedNode
  | FailedNode
  | EnterNode
  | GenerateNode
  | NamedNode
  | DeliverNode
  | SyncNode
  | SuspendNode
  | FlatMapNode
  | MapNode
  | HandleNode
  | ParkNode
  | YieldNode

/** The one class of nodes, which gives them one hidden class. */
class TaskNode {
  constructor(
    readonly taskOp: Op,
    readonly a: unknown,
    readonly b: unknown,
    readonly c: unknown
  ) {}
}

/** The constructor of nodes, with the operands that each operation has. */
interface NodeClass {
  readonly prototype: Node
  new (op: Op.Succeed, value: unknown, b: undefined, c: undefined): Node
  new (op: Op.Fail, error: unknown, b: undefined, c: undefined): FailedNode
  new (op: Op.FailCause, cause: Cause<unknown>, b: undefined, c: undefined): FailedNode
  new (op: Op.Named, self: Node, name: string, c: undefined): Node
  new (op: Op.Deliver, a: undefined, b: undefined, c: undefined): Node
  new (op: Op.Sync, f: () => unknown, b: undefined, c: undefined): Node
  new (op: Op.Suspend, f: () => Node, b: undefined, c: undefined): Node
  new <B, C>(op: Op.Region | Op.Enter, start: StartFunction<B, C>, b: B, c: C): Node
}

// SAFETY: each signature makes the operation of the union that it names.
export const Node: NodeClass = TaskNode as unknown as NodeClass

/** Builds a Task. Safe because every Task is such a node; the callers declare `E` and `A`. */
const buildTask = (op: Op, a?: unknown, b?: unknown, c?: unknown): Task<never, never> =>
  new TaskNode(op, a, b, c) as unknown as Task<never, never>

/**
 * Makes a Task that only succeeds with a value: the one Task that cannot go wrong, and so needs no diagnostics.
 */
export const valueNode: <A>(value: A) => Task<never, A> = (value) => buildTask(Op.Succeed, value)

/** What `make` accepts. The last two signatures declare `E` and `A`, which the functions of the runtime do not say. */
interface MakeTask {
  <E>(op: Op.Fail, error: E): Task<E, never>
  <E>(op: Op.FailCause, cause: Cause<E>): Task<E, never>
  (op: Op.Deliver): Task<never, never>
  <E, A>(op: Op.Named, self: Task<E, A>, name: string): Task<E, A>
  <A>(op: Op.Sync, f: () => A): Task<never, A>
  <E, A>(op: Op.Suspend, f: () => Task<E, A>): Task<E, A>
  <E, A, E2, B>(op: Op.FlatMap, self: Task<E, A>, f: (a: A) => Task<E2, B>): Task<E | E2, B>
  <E, A, B>(op: Op.Map, self: Task<E, A>, f: (a: A) => B): Task<E, B>
  (op: Op.YieldNow): Task<never, void>
  <E, A>(op: Op.Handle, self: AnyTask, f: UserFunction, handling: Handling): Task<E, A>
  <E, A, B, C>(op: Op.Region | Op.Enter, start: StartFunction<B, C>, b?: B, c?: C): Task<E, A>
  <E, A, B>(op: Op.Generate, start: StartFunction<B, RunWithin>, b: B, within: RunWithin): Task<E, A>
  <E, A, B, C>(op: Op.Park, look: Look<B, C>, b?: B, c?: C): Task<E, A>
}

/** Makes every other Task. Those can go wrong, so it installs the diagnostics. */
export const make: MakeTask = (op: Op, a?: unknown, b?: unknown, c?: unknown): Task<never, never> => {
  if (diagnostics.bound === undefined) installDiagnostics(Node)
  return buildTask(op, a, b, c)
}

/**
 * Sees each new primitive, and returns the node that is used instead. It applies to the whole process,
 * because a node belongs to no runtime while it is built.
 */
export const primitiveObserver: LateBound<(node: Node) => Node> = { bound: undefined }

/**
 * Makes a primitive: an operation that may fail and does not continue as a Task of the user, so it
 * always ends. Only primitives can be traced. Other operations occur in the tails of endless
 * loops, where remembering each of them would take ever more memory. The function of an
 * `Op.Suspend` primitive returns a result.
 */
export const primitive: MakeTask = (op: Op, a?: unknown, b?: unknown, c?: unknown): Task<never, never> => {
  // SAFETY: the signatures of `primitive` are those of `make`.
  const task = (make as typeof buildTask)(op, a, b, c)
  // SAFETY: the observer returns a node that ends as the primitive ends.
  return (primitiveObserver.bound?.(nodeOf(task)) as Task<never, never> | undefined) ?? task
}

/** Safe for every Task, because only `valueNode`, `make` and `primitive` make Tasks. */
export const nodeOf = (task: AnyTask | Node | StartNode): Node => task as unknown as Node

/** Returns a Task that only fails as a node. Safe because such a Task is made of `Op.Fail` or `Op.FailCause`. */
export const failedNodeOf = (task: Task<unknown, never>): FailedNode => task as unknown as FailedNode

/** Whether `value` is a Task of this library. */
export const isTask = (value: unknown): value is AnyTask => value instanceof TaskNode
