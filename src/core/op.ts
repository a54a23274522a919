/** The operation codes of Task nodes, which the run loop interprets. */

/**
 * The operation of a node. This enum contains the operations that every program needs and those that must be
 * fastest. All others are a `StartOp`, a function stored in the node, so that a bundle contains only the
 * operations that a program uses. `Operands` (core/node) lists the operands of each.
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
  Succeed = 0,
  Fail = 1,
  FailCause = 2,
  /** Like `Enter`, but not counted. */
  Region = 3,
  Named = 4,
  /** Delivers the pending interruption. The last operation that is not counted. */
  Deliver = 5,

  Sync = 6,
  Suspend = 7,
  FlatMap = 8,
  Map = 9,
  /** Runs a handler if its Task fails, and another function if it succeeds. */
  Handle = 10,
  /** Checks a condition, and parks the fiber if it does not hold. */
  Park = 11,
  /** Starts an operation that the run loop does not know. */
  Enter = 12,
  YieldNow = 13,
  /** Starts a generator. Like `Enter`, but `yield*` may run the first steps of the generator at once. */
  Generate = 14,

  // Codes that occur only in frames.
  /** An additional value that the frame above it keeps. */
  Kept = 15
}
