/**
 * What an operation is that the run loop does not know: how it begins, and what its frames do when that for which they wait has
 * ended. They are functions that a node and a frame bring along, so that a bundle holds those that a program uses.
 */
import { type Node, Op } from '../task/task.js'
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

/** Marks what a frame does as handing on a value or a failure as it is, once something beside it is done or put back. */
export const handingOn = <L extends Leave>(leave: L): L => Object.assign(leave, { handsOn: true })

/** Whether what comes to the first `depth` places of `frames` is what the fiber ends with, unless something goes wrong on the way. */
export function isHandedOn(frames: Frames, depth: number): boolean {
  for (let index = depth - 1; index > 0; index -= 2) {
    const code = frames[index]
    if (code === Op.Named || code === Op.Kept) continue
    if (typeof code !== 'function' || !('handsOn' in code)) return false
  }
  return true
}
