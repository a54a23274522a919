/** The operation codes of Task nodes, which the run loop interprets. */

/**
 * The operation of a node, and the meaning of its fields `a`, `b` and `c`. This enum contains the operations
 * that every program needs and those that must be fastest. All others are a `StartOp`, a function stored in
 * the node, so that a bundle contains only the operations that a program uses.
 *
 * The operations up to `Deliver` do not count against the budget: they are results and the boundaries
 * of regions. So nothing can run in between when a region is entered, or when the result of an
 * operation is passed on as a result.
 *
 * The loop reads `taskOp` of every value it receives, and checks the class only if that is not one of these
 * codes: a check at each step costs a third more. So no data type may have a field of that name. If the
 * meaning of these numbers changes from one release to the next, the name must change with it: two releases
 * in one program must not mistake each other's Tasks for their own.
 */
export const enum Op {
  /** value */
  Succeed = 0,
  /** error */
  Fail = 1,
  /** cause */
  FailCause = 2,
  /** a `StartOp`, like `Enter`, but not counted */
  Region = 3,
  /** self, name */
  Named = 4,
  /** Delivers the pending interruption. The last operation that is not counted. */
  Deliver = 5,

  /** () => value */
  Sync = 6,
  /** () => task */
  Suspend = 7,
  /** self, value => task */
  FlatMap = 8,
  /** self, value => value */
  Map = 9,
  /**
   * self, error => task, and one of: value => task, `keepsErrors`, the single tag that it handles, undefined.
   * Runs only if every reason is a typed failure.
   */
  OrElse = 10,
  /** self, cause => task, (value => task)? */
  CatchCause = 11,
  /**
   * (fiber, b, c) => the next task, or undefined if the fiber has begun to wait.
   * The returned task is not counted.
   */
  Park = 12,
  /**
   * (fiber, node, frames, depth) => the next task, or undefined if the fiber has
   * begun to wait. May push frames.
   */
  Enter = 13,
  YieldNow = 14,

  // Codes that occur only in frames.
  /** an additional value that the frame above it keeps */
  Kept = 15
}
