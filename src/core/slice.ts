/** The state that the fiber whose turn it is shares with the operations that the run loop does not know. */
import type { Node, RunningFiber } from './node.js'

/** One object serves all fibers, because only one runs at a time; a run nested in a run, by `runSync`, restores it. */
export const slice: {
  /** How many slots the frames of the fiber take. */
  depth: number
  /** How many operations it may still run in this turn. */
  budget: number
  /** The fiber, exactly while a generator of it runs, whose `yield*` may then run an operation at once. */
  generatorOf: RunningFiber | undefined
  /** What such a `yield*` has begun and not ended: the node that the fiber continues with, which is not counted. */
  begun: Node | undefined
  /** Whether a turn of a fiber, a hook or a reporter is on the stack: then no other fiber may have its turn. */
  isOnStack: boolean
} = { depth: 0, budget: 0, generatorOf: undefined, begun: undefined, isOnStack: false }
