/**
 * The two packages below this room, both optional peers, and how a queue is opened on Redis.
 *
 * Only the start is held to a time: a program that starts without its Redis waits for it for `connectMs`, and fails then.
 */
import type * as BullMQ from 'bullmq'
import { ExecutorError, TimeoutError } from '../data/errors.js'
import * as Task from '../Task.js'
import { defaultConnectMs, type QueueOptions, settingsOf } from './connection.js'
import { type Client, type Clients, Connections } from './connections.js'
import { mistakeIn, silenceOf, withoutCommand, wordsOf } from './redis-errors.js'

interface Packages {
  readonly bullmq: typeof BullMQ
  readonly clients: Clients
}

const loadPackages: Task.Task<ExecutorError, Packages> = Task.tryCatch(
  async () => {
    const [bullmq, { Redis, Cluster }] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, clients: { Redis, Cluster } }
  },
  (thrown) =>
    new ExecutorError(
      'NotInstalled',
      'a cluster executor needs the packages bullmq and ioredis, which could not be loaded: npm install bullmq ioredis',
      thrown
    )
)

/** What a queue is opened on. */
export interface Connected {
  readonly bullmq: typeof BullMQ
  readonly connections: Connections
  /** For commands of which none waits. */
  readonly client: Client
}

const connectMsOf = ({ connectMs = defaultConnectMs }: QueueOptions): number => connectMs

const unreachable = (message: string, cause: unknown): ExecutorError =>
  new ExecutorError('Unreachable', message, cause === undefined ? undefined : withoutCommand(cause))

/** It is not ready in time, or stops answering. */
const silent = (queue: QueueOptions, { settings, lastError }: Connections, client: Client): ExecutorError =>
  unreachable(
    silenceOf(settings.place, connectMsOf(queue), lastError, client.status === 'connect'),
    lastError
  )

/** Until a primary is connected, however many tries that takes. Rejects at what trying again would not change. */
const isReady = (client: Client, connections: Connections): Promise<void> =>
  new Promise((resolve, reject) => {
    client.on('error', (error: unknown) => {
      const mistake = mistakeIn(connections.settings.place, error)
      if (mistake !== undefined) reject(unreachable(mistake, error))
    })
    client.on('ready', () => {
      client.info('replication').then(
        (info) => {
          if (!info.includes('role:slave')) return resolve()
          // A failover may be under way: another connection may lead to the primary.
          connections.failed(new Error('READONLY the server is a replica'))
          client.disconnect(true)
        },
        // A user who may not ask is refused again when the queue is opened.
        () => resolve()
      )
    })
  })

/** The packages and a first connection. Where it succeeds, the caller closes it. */
const connect = (queue: QueueOptions): Task.Task<ExecutorError, Connected> =>
  Task.flatMap(({ bullmq, clients }: Packages) =>
    Task.bracket(
      Task.sync((): Connected => {
        const connections = new Connections(clients, settingsOf(queue.connection), queue.onConnection)
        return { bullmq, connections, client: connections.make() }
      }),
      (connected) => {
        const { client, connections } = connected
        const ready = Task.tryCatch(
          () => isReady(client, connections),
          // Rejected with nothing else.
          (thrown) => thrown as ExecutorError
        )
        return Task.mapError((error: ExecutorError | TimeoutError) =>
          error instanceof TimeoutError ? silent(queue, connections, client) : error
        )(Task.timeout(connectMsOf(queue))(Task.as(connected)(ready)))
      },
      ({ connections }, exit) => Task.sync(() => exit._tag === 'Left' && connections.close())
    )
  )(loadPackages)

/** What closes what has been opened so far. */
export type Closers = Array<() => Promise<unknown>>

/**
 * Opens what a queue needs on a first connection. Redis may still say no (it is too old, or its user may not do what we need), or
 * nothing any more. Then nothing of it is left open.
 */
export const openOn = <A>(
  queue: QueueOptions,
  open: (connected: Connected, closers: Closers) => Promise<A>
): Task.Task<ExecutorError, A> =>
  Task.flatMap((connected: Connected) => {
    const { connections, client } = connected
    const closers: Closers = []
    const refused = (thrown: unknown): ExecutorError =>
      unreachable(
        `Redis at ${connections.settings.place} refuses what a queue needs: ${wordsOf(thrown)}`,
        thrown
      )
    const close = Task.suspend(() => {
      connections.close()
      return closing(() => closers.map((closer) => closer()))
    })
    const inTime = Task.mapError((error: ExecutorError | TimeoutError) =>
      error instanceof TimeoutError ? silent(queue, connections, client) : error
    )(Task.timeout(connectMsOf(queue))(Task.tryCatch(() => open(connected, closers), refused)))
    const opened = Task.tap((_: A) => Task.sync(() => connections.opened()))(inTime)
    return Task.tapError((_: ExecutorError) => close)(opened)
  })(connect(queue))

/** How long connections may take to be closed, in ms. One that Redis has left already may never say that it is. */
const closingMs = 1000

/** Closes connections, of which `giveUp` has been called, as far as they can be closed. */
export const closing = (close: () => ReadonlyArray<Promise<unknown>>): Task.Task<never, void> =>
  Task.getOrElse((): void => undefined)(
    Task.timeout(closingMs)(Task.asUnit(Task.promise(() => Promise.allSettled(close()))))
  )
