/**
 * Fails with an interruption that contains a late result, for waits on something other than a child fiber.
 */

import { make, Op, type Task } from '../core/node.js'
import type { Exit } from '../data/exit.js'
import type { Cause } from '../data/reasons.js'
import type { StartOp } from '../runtime/continuation.js'
import { failCauseNode } from '../runtime/failure-nodes.js'
import { recordLateResult } from '../runtime/late-result.js'

const enterLateResult: StartOp<Cause<unknown>, Exit<unknown, unknown>> = (fiber, node, frames, depth) => {
  recordLateResult(fiber, node.c, frames, depth)
  return failCauseNode(node.b)
}

/**
 * Fails with `interruption`, the running fiber's own interruption, which contains `result`.
 * The frames around it determine whether the fiber itself would have ended with that result.
 */
export const failWithLateResult = (
  interruption: Cause<unknown>,
  result: Exit<unknown, unknown>
): Task<unknown, never> => make(Op.Region, enterLateResult, interruption, result)
