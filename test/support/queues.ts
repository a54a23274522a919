/** Queues and what is in them. */
import { Queue } from 'aio-ts'
import { rightOf } from './exits.js'

/** A queue that holds these and has no limit. */
export const holding = <X>(...items: ReadonlyArray<X>): Queue<X> => {
  const queue = new Queue<X>()
  for (const item of items) rightOf(queue.putNowait(item))
  return queue
}

/** Takes everything that is in, without waiting. */
export const drain = <X>(queue: Queue<X>): ReadonlyArray<X> => {
  const items: Array<X> = []
  while (!queue.isEmpty) items.push(rightOf(queue.getNowait()))
  return items
}
