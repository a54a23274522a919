/**
 * The two packages below this room, both optional peers, and how a queue is opened on Redis.
 *
 * Only the start is held to a time: a program that starts without its Redis waits for it for `connectMs`, and
 * fails then.
 */
import type * as BullMQ from 'bullmq'
import { pipe } from 'fp-ts/lib/function.js'
import { ExecutorError, TimeoutError } from '../data/errors.js'
import { closedError } from '../executor/join-job.js'
import type { Group } from '../index.js'
import * as Task from '../Task.js'
import { connectionSettingsOf, defaultConnectMs, type RedisQueueOptions } from './connection.js'
import { type Client, type Clients, Connections } from './connections.js'
import { mistakeIn, redisErrorText, silenceOf, withoutCommand } from './redis-errors.js'

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

const connectMsOf = ({ connectMs = defaultConnectMs }: RedisQueueOptions): number => connectMs

const unreachable = (message: string, cause: unknown): ExecutorError =>
  new ExecutorError('Unreachable', message, cause === undefined ? undefined : withoutCommand(cause))

/** It is not ready in time, or stops answering. */
const silent = (
  queue: RedisQueueOptions,
  { settings, lastError }: Connections,
  client: Client
): ExecutorError =>
  unreachable(
    silenceOf(settings.place, connectMsOf(queue), lastError, client.status === 'connect'),
    lastError
  )

/** What closes what has been opened so far. */
export type Closers = Array<() => Promise<unknown>>

/** Fails with `silence` after `connectMs`. */
const inTime =
  (queue: RedisQueueOptions, silence: () => ExecutorError) =>
  <A>(task: Task.Task<ExecutorError, A>): Task.Task<ExecutorError, A> =>
    pipe(
      task,
      Task.timeout(connectMsOf(queue)),
      Task.mapError((error) => (error instanceof TimeoutError ? silence() : error))
    )

/** Connects, however many tries that takes, and fails at once where another would change nothing. */
function connect({ connections, client }: Connected): Task.Task<ExecutorError, void> {
  const { place } = connections.settings
  const judge = (error: Error): ExecutorError | undefined => {
    const mistake = mistakeIn(place, error)
    return mistake === undefined ? undefined : unreachable(mistake, error)
  }
  return Task.tryCatch(
    () => connections.reached(client, judge),
    // Rejected with nothing else.
    (thrown) => thrown as ExecutorError
  )
}

/**
 * Opens what a queue needs on a first connection. Redis may still say no (it is too old, or its user may not
 * do what we need), or nothing any more. Then, and where it is interrupted, nothing of it is left open.
 */
export const openOn = <A>(
  queue: RedisQueueOptions,
  open: (connected: Connected, closers: Closers) => Promise<A>
): Task.Task<ExecutorError, A> =>
  pipe(
    loadPackages,
    Task.flatMap(({ bullmq, clients }) => {
      const closers: Closers = []
      return Task.bracket(
        Task.sync((): Connected => {
          const connections = new Connections(
            clients,
            connectionSettingsOf(queue.connection),
            queue.onConnection
          )
          return { bullmq, connections, client: connections.make() }
        }),
        (connected) => {
          const { connections, client } = connected
          const refused = (thrown: unknown): ExecutorError =>
            unreachable(
              `Redis at ${connections.settings.place} refuses what a queue needs: ${redisErrorText(thrown)}`,
              thrown
            )
          const limited = inTime(queue, () => silent(queue, connections, client))
          const opened = pipe(
            Task.tryCatch(() => open(connected, closers), refused),
            limited,
            Task.tap(() => Task.sync(() => connections.opened()))
          )
          return pipe(
            connect(connected),
            limited,
            Task.flatMap(() => opened)
          )
        },
        ({ connections }, exit) =>
          Task.suspend(() => {
            if (exit._tag === 'Right') return Task.unit
            connections.close()
            return closing(() => closers.map((closer) => closer()))
          })
      )
    })
  )

/**
 * Opens something that lives as long as `group`, which nobody else has yet. To open it can be interrupted,
 * also while Redis is tried for. Where it fails or is interrupted, the group is closed.
 */
export const openIn = <A, B>(
  group: Group<never>,
  opening: Task.Task<ExecutorError, A>,
  release: (opened: A) => Task.Task<never, void>,
  use: (opened: A) => Task.Task<never, B>
): Task.Task<ExecutorError, B> =>
  pipe(
    Task.uninterruptibleMask((restore) =>
      pipe(
        restore(opening),
        Task.flatMap((opened) =>
          pipe(group.acquire(Task.succeed(opened), release), Task.mapError(closedError))
        ),
        Task.flatMap(use)
      )
    ),
    Task.onExit((exit) => (exit._tag === 'Right' ? Task.unit : group.asyncClose()))
  )

/**
 * How long connections may take to be closed, in ms. One that Redis has left already may never say that it
 * is.
 */
const closingMs = 1000

/** Closes connections, of which `giveUp` has been called, as far as they can be closed. */
export const closing = (close: () => ReadonlyArray<Promise<unknown>>): Task.Task<never, void> =>
  pipe(
    Task.promise(() => Promise.allSettled(close())),
    Task.asUnit,
    Task.timeout(closingMs),
    Task.getOrElse(() => undefined)
  )
