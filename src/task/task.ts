/**
 * What a Task is: data. One class of node with one hidden class, told apart by an integer, interpreted by one switch in the
 * runtime, where running a `flatMap` allocates nothing.
 *
 * `yield*` inside `Task.gen` goes through the node's own iterator protocol without allocating: the node is its own iterator, and
 * the two result objects are shared. They are read before anything else can run, by the specification of `yield*`.
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
 * What a node means, and what of it `a`, `b` and `c` are.
 *
 * The first ones are no operations that a budget counts: results, and the bounds of regions. So nothing comes in between when a
 * region is entered, or when what an operation gave is handed on as a result.
 */
export const enum Op {
  /** value */
  Succeed = 0,
  /** error */
  Fail = 1,
  /** cause */
  FailCause = 2,
  /** self, whether masked */
  Mask = 3,
  /** restore => task, masked */
  MaskWith = 4,
  /** self, whether an interruption that came meanwhile takes effect afterwards */
  Shield = 5,
  /** self, name */
  Named = 6,
  /** self, key, value */
  Locally = 7,
  /** what to run first, if anything; whether its value is an Option of an Exit to carry. The last that does not count. */
  Deliver = 8,

  /** () => value */
  Sync = 9,
  /** () => task */
  Suspend = 10,
  /** self, value => task */
  FlatMap = 11,
  /** self, value => value */
  Map = 12,
  /** self, error => task, (value => task)?: only where every reason is a typed failure */
  OrElse = 13,
  /** self, error => a failing task: every typed failure is replaced, the other reasons stay */
  MapFailure = 14,
  /** self, cause => task, (value => task)? */
  CatchCause = 15,
  /** self, exit => task, masked */
  OnExit = 16,
  /** acquire, resource => task, (resource, exit) => task */
  Bracket = 17,
  /** resume => canceller? */
  Async = 18,
  /** signal => promise or value, (reason => error)? */
  Try = 19,
  /** (fiber, b, c) => a task to go on with, or undefined having begun to wait */
  Park = 20,
  /** () => generator */
  Gen = 21,
  YieldNow = 22,
  /** milliseconds */
  Sleep = 23,
  /** fiber => task */
  WithFiber = 24,
  Interrupt = 25,
  /** self */
  Forever = 26,
  Never = 27,

  // What only frames are, with what they keep. A frame of an operation above keeps its function, or where it has two the node.
  Restore = 32,
  /** the exit that waits for its finalizer */
  Finalized = 33,
  /** the resource and what releases it */
  Release = 34,
  /** a generator that waits at a `yield*` */
  GenStep = 35,
  /** a generator that waits at a bare `yield`, or has not begun */
  GenBare = 36,
  /** a generator that is being unwound */
  GenUnwind = 37,
  /** whether an interruption that came meanwhile takes effect */
  Unshield = 38,
  /** locals to go back to */
  RestoreLocals = 39,
  /** whether the value of the clean-up is an Option of an Exit to carry */
  Delivered = 40,
  /** the bracket whose acquire runs */
  Acquiring = 41
}

/** The generator's side of `yield*`: what the run loop hands to `next` in place of the value itself. */
export const resumed: { value: unknown } = { value: undefined }

/**
 * What a generator gives that waits at a `yield*` of a Task: this very object, by the specification. Its value is taken from it at
 * once.
 */
export const goesOn: { done: false; value: Node | undefined } = { done: false, value: undefined }

const isDone: { done: true; value: unknown } = { done: true, value: undefined }

/** One operation. Immutable: a Task is shared freely between runs and fibers. */
export class Node {
  constructor(
    readonly op: Op,
    readonly a: unknown,
    readonly b: unknown,
    readonly c: unknown
  ) {}

  [Symbol.iterator](): this {
    return this
  }

  next(value: unknown): { done: boolean; value: unknown } {
    if (value === resumed) {
      isDone.value = resumed.value
      return isDone
    }
    // Asked again before its first answer has been taken: a spread or a `for` loop, which would go on for ever.
    if (goesOn.value !== undefined) {
      goesOn.value = undefined
      throw new TypeError('a Task is no list: take its value by `yield*` in Task.gen')
    }
    goesOn.value = this
    return goesOn
  }

  throw(thrown: unknown): never {
    throw thrown
  }
}

/** The Task that a generator waits for at its `yield*`. */
export function takeYielded(): Node | undefined {
  const { value } = goesOn
  goesOn.value = undefined
  return value
}

/** Forgets the last values that passed through `yield*`, so that nothing is kept alive by them. */
export function forgetYielded(): void {
  isDone.value = undefined
  goesOn.value = undefined
  resumed.value = undefined
}

/** Holds because every Task is made by this function alone; what `E` and `A` are, the caller's signature says. */
export const make = <E, A>(op: Op, a?: unknown, b?: unknown, c?: unknown): Task<E, A> =>
  new Node(op, a, b, c) as unknown as Task<E, A>

/** Holds for every Task, since `make` alone makes them. */
export const nodeOf = (task: Task<unknown, unknown>): Node => task as unknown as Node

/** Whether it is a Task of this library. */
export const isTask = (value: unknown): value is Task<unknown, unknown> => value instanceof Node
