/** What a Task says to do. */

/**
 * The operations of a node, and the meaning of its fields `a`, `b` and `c`. The operations listed here are
 * those that every program needs or that must be fastest. All others are `StartOp` functions that the node
 * refers to, so a bundle contains only the operations that a program uses.
 *
 * The first ones are not counted by the budget: results, and the bounds of regions. So there is no checkpoint
 * when a region is entered, or between the end of an operation and the continuation that receives its result.
 *
 * The loop reads `taskOp` of whatever it is given and looks at the class only where that is none of these: a
 * look at each step costs a third more. So no data may have a field of that name, and where these numbers
 * change their meaning from one release to the next it has to change with them: two releases in one program
 * must not take each other's Tasks for their own.
 */
export const enum Op {
  /** value */
  Succeed = 0,
  /** error */
  Fail = 1,
  /** cause */
  FailCause = 2,
  /** as `StartOp`, but not counted */
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
  /**
   * self, error => task, and a value => task, or `keepsErrors`, or the one tag that it handles, or undefined:
   * only where every reason is a typed failure
   */
  OrElse = 10,
  /** self, cause => task, (value => task)? */
  CatchCause = 11,
  /**
   * (fiber, b, c) => a task to go on with, or undefined having begun to wait; what it gives does not count
   */
  Park = 12,
  /**
   * (fiber, node, frames, depth) => a task to go on with, or undefined having begun to wait; may push frames
   */
  Enter = 13,
  YieldNow = 14,

  // What only frames are.
  /** something that the frame above it keeps, too */
  Kept = 15
}
