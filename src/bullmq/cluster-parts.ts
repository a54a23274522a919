/** What an executor on a cluster holds open, from its start until it is closed. */
import type { Queue } from 'bullmq'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from '../Task.js'
import { type ClusterOptions, clusterDefaults } from './cluster-options.js'
import { prefixOf } from './connection.js'
import type { Client, Connections } from './connections.js'
import { Forgetting } from './forget.js'
import { CountsOfQueue } from './load.js'
import { PendingCalls } from './pending.js'
import { JobEvents } from './queue-events.js'
import { type Closers, type Connected, closing } from './redis.js'

export interface ExecutorParts {
  readonly client: Client
  readonly connections: Connections
  readonly queue: Queue
  readonly events: JobEvents
  readonly pending: PendingCalls
  readonly forgetting: Forgetting
  readonly counts: CountsOfQueue
}

export async function openCluster(
  connected: Connected,
  options: ClusterOptions,
  closers: Closers
): Promise<ExecutorParts> {
  const { bullmq, client, connections } = connected
  const { lookEveryMs = clusterDefaults.lookEveryMs, queue: name } = options
  const prefix = prefixOf(options)
  const queue = new bullmq.Queue(name, { connection: client, prefix })
  closers.push(() => queue.close())
  // A command that fails rejects, and the connection is watched.
  queue.on('error', () => {})
  const keyOf = (key: string): string => queue.toKey(key)
  const forgetting = new Forgetting(client, keyOf)
  const pending = new PendingCalls(queue, client, forgetting, lookEveryMs)
  closers.push(async () => pending.close())
  connections.onBack(() => pending.lookSoon())
  const events = new JobEvents(connected, { prefix, name }, pending)
  closers.push(() => events.close())
  // One after the other: a connection that is being made cannot be closed.
  await queue.waitUntilReady()
  await events.listen()
  const counts = new CountsOfQueue(client, keyOf)
  closers.push(async () => counts.stop())
  await counts.start()
  return { client, connections, queue, events, pending, forgetting, counts }
}

/** The calls are over, and nothing is left to be said. */
export const closeCluster = ({
  connections,
  queue,
  events,
  forgetting,
  counts
}: ExecutorParts): Task.Task<never, void> =>
  Task.suspend(() => {
    counts.stop()
    connections.giveUp()
    return pipe(
      closing(() => [forgetting.done()]),
      Task.flatMap(() => closing(() => [events.close(), queue.close()])),
      Task.ensuring(Task.sync(() => connections.close()))
    )
  })
