/**
 * The loop of `forEach`, over iterables and queues: takes an item, runs the work on it, takes the next, until
 * there is none. It is one continuation that stays on the stack, so that the loop itself costs nothing beside
 * the work.
 *
 * There is a budget checkpoint before an item is taken, and none between taking it and the first operation of
 * its work: an item that was taken has been passed to the user's function.
 */

import { make, Node, Op, type Task } from '../core/node.js'
import { type Continuation, passingThrough, type StartOp } from '../runtime/continuation.js'
import { nothing, taskFrom } from '../runtime/failure-nodes.js'
import { push, slice, startNow } from '../runtime/frames.js'

/** What several workers share. */
export interface LoopWork<X> {
  /** The next item; it is there at once, or a task is. */
  take(): IteratorResult<X, unknown> | Task<never, IteratorResult<X, unknown>>
  /** The work on an item with its place, which it has from the moment it is taken. */
  work(item: X, index: number): Task<unknown, unknown>
  done(index: number, value: unknown): void
  /** How many items have been taken. */
  taken: number
  /** The public function that runs the loop, for messages. */
  readonly where: string
}

/** States of a worker that has no item. */
const enum Without {
  /** It waits for one. */
  Waiting = -1,
  /** It has yielded to other fibers before it takes one. */
  Yielded = -2
}

/** An operation that counts and does nothing: where the budget is used up, it is the checkpoint. */
const checkpoint: Node = /* @__PURE__ */ new Node(Op.Sync, () => undefined, undefined, undefined)

/** What a worker keeps between two steps. */
class Worker {
  /** The place of the item that it works on, or why it has none. */
  index: number = Without.Waiting

  constructor(readonly job: LoopWork<unknown>) {}

  /** Continues with the next item, or with a checkpoint before it; undefined if there is no further item. */
  next(): Node | undefined {
    if (slice.budget > 0) {
      slice.budget--
      return this.take()
    }
    this.index = Without.Yielded
    return checkpoint
  }

  private take(): Node | undefined {
    const taken = this.job.take()
    if (taken instanceof Node) {
      this.index = Without.Waiting
      return taken
    }
    return this.begin(taken as IteratorResult<unknown, unknown>)
  }

  begin(result: IteratorResult<unknown, unknown>): Node | undefined {
    if (result.done === true) return undefined
    this.index = this.job.taken++
    return startNow(taskFrom(this.job.work(result.value, this.index), this.job.where))
  }

  /** What it waited for has come. */
  goOn(value: unknown): Node | undefined {
    if (this.index === Without.Waiting) return this.begin(value as IteratorResult<unknown, unknown>)
    if (this.index === Without.Yielded) return this.take()
    this.job.done(this.index, value)
    return this.next()
  }
}

const enterWorker: StartOp = (_fiber, node, frames, depth) => {
  const forEachLoop = new Worker(node.b as LoopWork<unknown>)
  const next = forEachLoop.next()
  if (next === undefined) return nothing
  push(frames, depth, forEachLoop, leaveWorker)
  return next
}

const leaveWorker: Continuation = /* @__PURE__ */ passingThrough(
  (_fiber, frames, depth, kept, failure, value) => {
    if (failure !== undefined) return failure
    const next = (kept as Worker).goOn(value)
    if (next === undefined) return nothing
    // Its frame is still in its place.
    frames[depth + 1] = leaveWorker
    slice.depth = depth + 2
    return next
  },
  'failures'
)

/** Works until there is no item any more. Run by several fibers, they share the items. */
export const worker = <X>(job: LoopWork<X>): Task<unknown, void> => make(Op.Enter, enterWorker, job)

const enterNow: StartOp = (_fiber, node) => startNow(node.b as Node)

/** `task`, whose first operation begins as soon as this is run, also where the budget is used up. */
export const beginningNow = <E, A>(task: Task<E, A>): Task<E, A> => make(Op.Region, enterNow, task)
