/**
 * The representation of a Task: plain data. There is one class of node with one hidden class. An
 * integer distinguishes the operations, and one switch in the runtime interprets them; running a
 * `flatMap` there allocates nothing.
 */

import { diagnostics } from '../data/diagnostics.js'
import type { LateBound } from '../data/late-bound.js'
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
 * Stored in an `OrElse` node in place of the handler of values. It marks a handler whose type
 * keeps the errors that it handles.
 */
export const keepsErrors = false

/**
 * The iterator result that `yield*` receives when its Task has ended. Its value is read at once,
 * so one object serves all Tasks.
 */
export const answer: { readonly done: true; value: unknown } = { done: true, value: undefined }

/**
 * One operation. Immutable, so runs and fibers can share a Task freely. `Task.gen` installs the
 * iterator protocol that `yield*` needs.
 */
export class Node {
  constructor(
    readonly taskOp: Op,
    readonly a: unknown,
    readonly b: unknown,
    readonly c: unknown
  ) {}
}

/**
 * Makes a Task that only succeeds with a value: the one Task that cannot go wrong, and so needs no
 * diagnostics. The cast is safe for the reason given at `make`.
 */
export const valueNode = <A>(value: A): Task<never, A> =>
  new Node(Op.Succeed, value, undefined, undefined) as unknown as Task<never, A>

/**
 * Makes every other Task. Those can go wrong, so it installs the diagnostics. Safe because every Task is such
 * a node; the signature of the calling function declares `E` and `A`.
 */
export const make = <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown): Task<E, A> => {
  if (diagnostics.bound === undefined) installDiagnostics(Node)
  return new Node(op, a, b, c) as unknown as Task<E, A>
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
export const primitive = <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown): Task<E, A> => {
  const task: Task<E, A> = make(op, a, b, c)
  return primitiveObserver.bound === undefined ? task : replaced(task, primitiveObserver.bound)
}

/** Safe because an observer returns a node that ends as the node that it was given. */
const replaced = <E, A>(task: Task<E, A>, observe: (node: Node) => Node): Task<E, A> =>
  observe(nodeOf(task)) as unknown as Task<E, A>

/** Safe for every Task, because only `valueNode`, `make` and `primitive` make Tasks. */
export const nodeOf = (task: Task<unknown, unknown>): Node => task as unknown as Node

/** Whether `value` is a Task of this library. */
export const isTask = (value: unknown): value is Task<unknown, unknown> => value instanceof Node
