/**
 * Who works on items that come one at a time: takes one, works on it, takes the next, until there is none. One frame that stays,
 * since the loop itself should cost nothing beside the work.
 */
import { nothing, taskFrom } from '../runtime/failing.js'
import { counted, push, turn } from '../runtime/frames.js'
import type { Enter, Leave } from '../runtime/steps.js'
import { make, Node, Op, type Task } from '../task/task.js'

/** What several workers share. */
export interface Job<X> {
  /** The next item; it is there at once, or a task is. */
  take(): IteratorResult<X, unknown> | Task<never, IteratorResult<X, unknown>>
  /** The work on an item with its place, which it has from the moment it is taken. */
  work(item: X, index: number): Task<unknown, unknown>
  done(index: number, value: unknown): void
  /** How many items have been taken. */
  taken: number
}

/** What a worker keeps between two steps. */
class Worker {
  /** The place of the item that it works on; -1 while it waits for one. */
  index = -1

  constructor(readonly job: Job<unknown>) {}

  /** Goes on with the next item; undefined where there is none. */
  take(): Node | undefined {
    const taken = this.job.take()
    if (!(taken instanceof Node)) return this.begin(taken as IteratorResult<unknown, unknown>)
    this.index = -1
    return taken
  }

  begin(result: IteratorResult<unknown, unknown>): Node | undefined {
    if (result.done === true) return undefined
    this.index = this.job.taken++
    return counted(taskFrom(this.job.work(result.value, this.index), 'Task.forEach'))
  }
}

const enterWorker: Enter = (_fiber, node, frames, depth) => {
  const worker = new Worker(node.b as Job<unknown>)
  const next = worker.take()
  if (next === undefined) return nothing
  push(frames, depth, worker, leaveWorker)
  return next
}

const leaveWorker: Leave = (_fiber, frames, depth, kept, failure, value) => {
  if (failure !== undefined) return failure
  const worker = kept as Worker
  let next: Node | undefined
  if (worker.index < 0) next = worker.begin(value as IteratorResult<unknown, unknown>)
  else {
    worker.job.done(worker.index, value)
    next = worker.take()
  }
  if (next === undefined) return nothing
  // Its frame is still in its place.
  frames[depth + 1] = leaveWorker
  turn.depth = depth + 2
  return next
}

/** Works until there is no item any more. Run by several fibers, they share the items. */
export const worker = <X>(job: Job<X>): Task<unknown, void> => make(Op.Enter, enterWorker, job)
