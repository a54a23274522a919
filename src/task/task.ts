/**
 * What a Task is: data. One class of node with one hidden class, told apart by an integer, interpreted by one switch in the
 * runtime, where running a `flatMap` allocates nothing.
 */

/**
 * A description of work that, each time it is run, ends in exactly one of: success with an `A`, a typed failure `E`, a defect
 * (a thrown value that nobody typed), or an interruption. Building one does nothing; running it twice does it twice.
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

/**
 * What a node means, and what of it `a`, `b` and `c` are. Here is what every program needs, and what has to be fastest. The rest is
 * `Enter`: a function that the node brings along, so that a bundle holds the operations that a program uses, and no others.
 *
 * The first ones are no operations that a budget counts: results, and the bounds of regions. So nothing comes in between when a
 * region is entered, or when what an operation gave is handed on as a result.
 *
 * The loop reads `taskOp` of whatever it is given and looks at the class only where that is none of these: a look at each step costs
 * a third more. So no data may have a field of that name, and where these numbers change their meaning from one release to the next
 * it has to change with them: two releases in one program must not take each other's Tasks for their own.
 */
export const enum Op {
  /** value */
  Succeed = 0,
  /** error */
  Fail = 1,
  /** cause */
  FailCause = 2,
  /** as `Enter`, but not counted */
  Region = 3,
  /** self, name */
  Named = 4,
  /** The interruption that is due takes effect. The last that does not count. */
  Deliver = 5,

  /** () => value */
  Sync = 6,
  /** () => task */
  Suspend = 7,
  /** self, value => task */
  FlatMap = 8,
  /** self, value => value */
  Map = 9,
  /** self, error => task, (value => task)?: only where every reason is a typed failure */
  OrElse = 10,
  /** self, cause => task, (value => task)? */
  CatchCause = 11,
  /** (fiber, b, c) => a task to go on with, or undefined having begun to wait; what it gives does not count */
  Park = 12,
  /** (fiber, node, frames, depth) => a task to go on with, or undefined having begun to wait; may push frames */
  Enter = 13,
  YieldNow = 14,

  // What only frames are.
  /** something that the frame above it keeps, too */
  Kept = 15
}

/** What the run loop hands to `next` of a generator that waits at a `yield*`, with the value in `answer`. */
export const resumed: unique symbol = /* @__PURE__ */ Symbol('resumed')

/** What `yield*` is told when its Task has ended: its value is taken from it at once, so that one serves all. */
export const answer: { readonly done: true; value: unknown } = { done: true, value: undefined }

/**
 * One operation. Immutable: a Task is shared freely between runs and fibers.
 *
 * For `yield*` it is its own iterator, and itself the result that says "not done" (it has no `done`), so that a step of a generator
 * allocates nothing and stores nothing into what has grown old, which the garbage collector would have to be told of.
 */
export class Node {
  constructor(
    readonly taskOp: Op,
    readonly a: unknown,
    readonly b: unknown,
    readonly c: unknown
  ) {}

  [Symbol.iterator](): this {
    return this
  }

  next(value: unknown): unknown {
    if (value === resumed) return answer
    // `yield*` always hands on something; a spread or a `for` loop does not, and would go on for ever.
    // biome-ignore lint/complexity/noArguments: rest parameters would allocate, and undefined is something, too
    if (arguments.length === 0)
      throw new TypeError('a Task is no list: take its value by `yield*` in Task.gen')
    return this
  }

  throw(thrown: unknown): never {
    throw thrown
  }
}

/** Holds because every Task is made by this function and `leaf` alone; what `E` and `A` are, the caller's signature says. */
export const make = <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown): Task<E, A> =>
  new Node(op, a, b, c) as unknown as Task<E, A>

/**
 * An operation that may fail and runs no task of the user's in its place: it ends, whatever it does. The others stand in the tails of
 * endless loops, where to remember each would take ever more memory. One that suspends gives a result.
 *
 * A function that is replaced, and not one that asks each time whether somebody watches: that made `fail` half as dear again.
 */
export let leaf: <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown) => Task<E, A> = make

/** Holds where it stands for a node that `make` would have made. */
const standIn = (node: Node): Task<never, never> => node as unknown as Task<never, never>

/** From now on `f` is given each leaf and gives what stands for it, in the whole process: a node knows of no runtime while it is built. */
export const watchLeaves = (f: (node: Node) => Node): void => {
  leaf = (op, a, b, c) => standIn(f(new Node(op, a, b, c)))
}

/** Holds for every Task, since `make` and `leaf` alone make them. */
export const nodeOf = (task: Task<unknown, unknown>): Node => task as unknown as Node

/** Whether it is a Task of this library. */
export const isTask = (value: unknown): value is Task<unknown, unknown> => value instanceof Node
