/**
 * What a Task is: data. One class of node with one hidden class, told apart by an integer, interpreted by one
 * switch in the runtime, where running a `flatMap` allocates nothing.
 */

import { installDiagnostics } from './diagnostics.js'
import { Op } from './op.js'

export { Op }

/**
 * A description of work that, each time it is run, ends in exactly one of: success with an `A`, a typed
 * failure `E`, a defect (a thrown value that nobody typed), or an interruption. Building one does nothing;
 * running it twice does it twice.
 */
export interface Task<out E, out A> {
  /** Only a type: there is no such property. */
  readonly _E: () => E
  /** Only a type: there is no such property. */
  readonly _A: () => A
  /** For `yield*` inside `Task.gen`. */
  [Symbol.iterator](): Iterator<Task<E, A>, A, any>
}

/** The error type of a Task type. */
export type ErrorOf<T> = T extends Task<infer E, any> ? E : never

/** The value type of a Task type. */
export type ValueOf<T> = T extends Task<any, infer A> ? A : never

/** In place of what an `OrElse` does with a value: its type keeps the errors of what it handles. */
export const keepsErrors = false

/**
 * What `yield*` is told when its Task has ended: its value is taken from it at once, so that one serves all.
 */
export const answer: { readonly done: true; value: unknown } = { done: true, value: undefined }

/**
 * One operation. Immutable: a Task is shared freely between runs and fibers. What `yield*` does with it comes
 * with `Task.gen`.
 */
export class Node {
  constructor(
    readonly taskOp: Op,
    readonly a: unknown,
    readonly b: unknown,
    readonly c: unknown
  ) {}
}

/** A value alone: of all Tasks the one that cannot go wrong. Holds as `make` does. */
export const valueNode = <A>(value: A): Task<never, A> =>
  new Node(Op.Succeed, value, undefined, undefined) as unknown as Task<never, A>

/**
 * Builds every Task but `succeed`, and installs the diagnostics. Safe because every Task is a node; the
 * signature of the caller says what `E` and `A` are.
 */
export const make: <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown) => Task<E, A> =
  /* @__PURE__ */ installDiagnostics(
    Node,
    <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown) => new Node(op, a, b, c) as unknown as Task<E, A>
  )

/**
 * Builds a primitive: an operation that may fail and runs no other task. Only primitives are traced, since
 * operations in the tail of an endless loop would otherwise be remembered without bound.
 *
 * The function is replaced when tracing is switched on, since checking a flag at each call made `fail` half
 * as dear again.
 */
export let primitive: <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown) => Task<E, A> = make

/** Safe because it stands in for a node that `make` would have built. */
const standIn = (node: Node): Task<never, never> => node as unknown as Task<never, never>

/**
 * Replaces each primitive that is built from now on with the result of `f`, in the whole process, since a
 * node does not know its runtime while it is built.
 */
export const wrapPrimitives = (f: (node: Node) => Node): void => {
  primitive = (op, a, b, c) => standIn(f(new Node(op, a, b, c)))
}

/** Holds for every Task, since `make` and `primitive` alone make them. */
export const nodeOf = (task: Task<unknown, unknown>): Node => task as unknown as Node

/** Whether it is a Task of this library. */
export const isTask = (value: unknown): value is Task<unknown, unknown> => value instanceof Node
