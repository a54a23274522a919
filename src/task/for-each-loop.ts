/**
 * The loop of `forEach`, over iterables and queues: takes an item, runs the work
 * on it, takes the next one, until there are no more. It is one continuation that
 * stays on the stack, so that the loop costs nothing in addition to the work.
 *
 * There is a budget checkpoint before an item is taken, and none between taking it and the
 * first operation of its work: an item that is taken has been passed to the user's function.
 */

import { make, Node, nodeOf, Op, type Task } from '../core/node.js'
import { slice } from '../core/slice.js'
import { continuation, Passes, type StartOp } from '../runtime/continuation.js'
import { nothing, taskFrom } from '../runtime/failure-nodes.js'
import { push, startNow } from '../runtime/frames.js'

/** The state that several workers share. */
export interface LoopWork<X, E = unknown> {
  /** Takes the next item. Returns the result if there is one already, or else a task that waits for it. */
  take(): IteratorResult<X, unknown> | Task<never, IteratorResult<X, unknown>>
  /** Returns the work on an item. `index` is the position of the item, assigned when it is taken. */
  work(item: X, index: number): Task<E, unknown>
  done(index: number, value: unknown): void
  /** The number of items that have been taken. */
  taken: number
  /** The name of the public function that runs the loop, for messages. */
  readonly where: string
}

/** States of a worker that has no item. */
const enum Without {
  /** It waits for an item. */
  Waiting = -1,
  /** It has yielded to other fibers before it takes an item. */
  Yielded = -2
}

/**
 * An operation that counts against the budget and has no
 * effect: if the budget is used up, it is the checkpoint.
 */
const checkpoint: Node = /* @__PURE__ */ new Node(Op.Sync, () => undefined, undefined, undefined)

/** The state that a worker keeps between two steps. */
class Worker {
  /** The index of the item that it works on, or the reason why it has none. */
  index: number = Without.Waiting

  constructor(readonly job: LoopWork<unknown>) {}

  /** Returns the work on the next item, or a checkpoint before it; undefined if there is no item. */
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

  /** Continues with the value that the worker waited for. */
  goOn(value: unknown): Node | undefined {
    if (this.index === Without.Waiting) return this.begin(value as IteratorResult<unknown, unknown>)
    if (this.index === Without.Yielded) return this.take()
    this.job.done(this.index, value)
    return this.next()
  }
}

const enterWorker: StartOp<LoopWork<unknown>> = (_fiber, node, frames, depth) => {
  const loop = new Worker(node.b)
  const next = loop.next()
  if (next === undefined) return nothing
  push(frames, depth, loop, leaveWorker)
  return next
}

const leaveWorker = /* @__PURE__ */ continuation(
  Passes.Failures,
  (_fiber, frames, depth, loop: Worker, failure, value) => {
    if (failure !== undefined) return failure
    const next = loop.goOn(value)
    if (next === undefined) return nothing
    // The frame is still in its slots.
    frames[depth + 1] = leaveWorker
    slice.depth = depth + 2
    return next
  }
)

/** Works on items until there are no more. If several fibers run it, they share the items. */
export const worker = <X, E>(job: LoopWork<X, E>): Task<E, void> => make(Op.Enter, enterWorker, job)

const enterNow: StartOp<Node> = (_fiber, node) => startNow(node.b)

/** Runs `task` so that its first operation begins at once, even if the budget is used up. */
export const beginningNow = <E, A>(task: Task<E, A>): Task<E, A> => make(Op.Region, enterNow, nodeOf(task))
