/**
 * What an operation is that the run loop does not know: how it begins, and what its frames do when that for which they wait has
 * ended. They are functions that a node and a frame bring along, so that a bundle holds those that a program uses.
 */
import type { Node } from '../task/task.js'
import type { FiberState } from './fiber-state.js'
import type { Frames } from './frames.js'

/**
 * Begins the operation that `node` is. Gives what to go on with, or undefined having begun to wait. It may push frames, from `depth`
 * on, and then says so by `turn.depth`.
 */
export type Enter = (fiber: FiberState, node: Node, frames: Frames, depth: number) => Node | undefined

/**
 * What a frame does when that for which it waits has ended, with `failure` or with `value`. Gives what to go on with, or undefined
 * where that end is its own, too. Its place was at `depth`; it may push itself and others again, and then says so by `turn.depth`.
 */
export type Leave = (
  fiber: FiberState,
  frames: Frames,
  depth: number,
  kept: unknown,
  failure: Node | undefined,
  value: unknown
) => Node | undefined
