/**
 * The two packages below this room, both optional peers, and the connection to Redis.
 *
 * Commands wait while Redis is away and are sent again when it is back, so that a restart loses nothing. Only the first connection
 * is held to a time, and what is opened on it: a program that starts without its Redis is to hear of it.
 */
import type * as BullMQ from 'bullmq'
import type { Redis } from 'ioredis'
import { ExecutorError, TimeoutError } from '../data/errors.js'
import { show } from '../data/show.js'
import * as Task from '../Task.js'

/** Where Redis is: `redis://` or `rediss://` with a host, or the same in parts. */
export type Connection =
  | string
  | {
      readonly host?: string
      readonly port?: number
      readonly username?: string
      readonly password?: string
      readonly db?: number
      readonly tls?: object
    }

/** What both sides say of the queue. */
export interface QueueOptions {
  readonly connection: Connection
  /** The queue's name: callers and workers of one name meet. */
  readonly queue: string
  /** What the names of its keys in Redis begin with; 'bull' if left out. */
  readonly prefix?: string
  /** How many milliseconds the first connection may take, and then all that is opened on it; 5,000 if left out. */
  readonly connectMs?: number
}

/** What each connection is made with. */
export interface ConnectionParts {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly username?: string
  readonly password?: string
  readonly tls?: object
  readonly maxRetriesPerRequest: null
  /** How long to wait before the next try to connect again, in ms; null where none is to follow. */
  readonly retryStrategy: (tries: number) => number | null
  readonly lazyConnect?: boolean
}

type Place = Omit<ConnectionParts, 'maxRetriesPerRequest' | 'retryStrategy'>

export interface Packages {
  readonly bullmq: typeof BullMQ
  readonly Redis: new (options: ConnectionParts) => Redis
}

const defaultConnectMs = 5000

const loadPackages: Task.Task<ExecutorError, Packages> = Task.tryCatch(
  async () => {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')])
    return { bullmq, Redis }
  },
  (thrown) =>
    new ExecutorError(
      'NotInstalled',
      'a cluster executor needs the packages bullmq and ioredis, which could not be loaded: npm install bullmq ioredis',
      thrown
    )
)

function partsOf(url: string): Place {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  const db = Number(pathname.slice(1))
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw new TypeError('expected redis:// or rediss://')
  if (!Number.isInteger(db)) throw new TypeError('expected the number of a database behind the host')
  return {
    host: hostname === '' ? '127.0.0.1' : hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6379 : Number(port),
    db,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {})
  }
}

/** For a person: no password in it. */
const placeOf = ({ host, port }: ConnectionParts): string => `${host}:${port}`

/** What may be wrong with what a person wrote. */
export function checkQueueOptions(where: string, options: QueueOptions): Error | undefined {
  if (typeof options !== 'object' || options === null) {
    return new TypeError(`${where}: expected an object of options, got ${show(options)}`)
  }
  const { queue, connection } = options
  if (typeof queue !== 'string' || queue === '' || queue.includes(':')) {
    return new TypeError(`${where}: expected the name of a queue, without a colon, got ${show(queue)}`)
  }
  if (typeof connection === 'string') {
    try {
      partsOf(connection)
    } catch (thrown) {
      // Not the text itself: there may be a password in it.
      const words = thrown instanceof Error ? thrown.message : String(thrown)
      return new TypeError(`${where}: the connection is no URL of a Redis: ${words}`)
    }
  } else if (typeof connection !== 'object' || connection === null) {
    return new TypeError(`${where}: expected a connection, got ${show(connection)}`)
  }
  return undefined
}

const longestPauseMs = 1000

const partsFor = (connection: Connection, isOver: () => boolean): ConnectionParts => ({
  ...(typeof connection === 'string'
    ? partsOf(connection)
    : { host: '127.0.0.1', port: 6379, db: 0, ...connection }),
  maxRetriesPerRequest: null,
  retryStrategy: (tries) => (isOver() ? null : Math.min(50 * tries, longestPauseMs))
})

export interface Connected extends Packages {
  readonly options: ConnectionParts
  /** For what BullMQ does not do. */
  readonly control: Redis
  /** From now on no connection of these options is made again: what waits for its end need not wait for Redis. */
  readonly giveUp: () => void
}

const connectMsOf = ({ connectMs = defaultConnectMs }: QueueOptions): number => connectMs

const silent = (queue: QueueOptions, options: ConnectionParts, thrown: unknown): ExecutorError =>
  new ExecutorError(
    'Unreachable',
    `Redis at ${placeOf(options)} does not answer within ${connectMsOf(queue)} ms`,
    thrown
  )

/** The packages and a first connection; who asks for it closes it. */
const connect = (queue: QueueOptions): Task.Task<ExecutorError, Connected> =>
  Task.flatMap((packages: Packages) => {
    let isOver = false
    const giveUp = (): void => {
      isOver = true
    }
    const options = partsFor(queue.connection, () => isOver)
    let last: unknown
    return Task.bracket(
      Task.sync(() => {
        const control = new packages.Redis({ ...options, lazyConnect: true })
        // Without a listener, each failed try would be printed.
        control.on('error', (error) => {
          last = error
        })
        return control
      }),
      (control) =>
        Task.mapError((thrown) => silent(queue, options, last ?? thrown))(
          Task.timeout(connectMsOf(queue))(
            Task.as({ ...packages, options, control, giveUp })(
              Task.tryCatch(
                async () => {
                  await control.connect()
                  await control.ping()
                },
                (thrown) => thrown
              )
            )
          )
        ),
      (control, exit) => Task.sync(() => exit._tag === 'Left' && disconnect(control, giveUp))
    )
  })(loadPackages)

/** What closes what has been opened so far. */
export type Closers = Array<() => Promise<unknown>>

/**
 * Opens what stands on a first connection. Redis may still say no (it is too old, or its user may not do what we need), or nothing any
 * more. Then nothing of it is left open.
 */
export const openOn = <A>(
  queue: QueueOptions,
  open: (connected: Connected, closers: Closers) => Promise<A>
): Task.Task<ExecutorError, A> =>
  Task.flatMap((connected: Connected) => {
    const closers: Closers = []
    const refused = (thrown: unknown): ExecutorError => {
      const words = thrown instanceof Error ? thrown.message : String(thrown)
      const message = `Redis at ${placeOf(connected.options)} refuses what a queue needs: ${words}`
      return new ExecutorError('Unreachable', message, thrown)
    }
    const close = Task.suspend(() => {
      disconnect(connected.control, connected.giveUp)
      return closing(() => closers.map((closer) => closer()))
    })
    const inTime = Task.mapError((error: ExecutorError | TimeoutError) =>
      error instanceof TimeoutError ? silent(queue, connected.options, error) : error
    )(Task.timeout(connectMsOf(queue))(Task.tryCatch(() => open(connected, closers), refused)))
    return Task.tapError((_: ExecutorError) => close)(inTime)
  })(connect(queue))

/** At once, also while it tries to connect again. */
export function disconnect(control: Redis, giveUp: () => void): void {
  giveUp()
  control.disconnect()
}

/** How long connections may take to be closed, in ms. One that Redis has left already may never say that it is. */
const closingMs = 1000

/** Closes connections, of which `giveUp` has been called, as far as they can be closed. */
export const closing = (close: () => ReadonlyArray<Promise<unknown>>): Task.Task<never, void> =>
  Task.getOrElse((): void => undefined)(
    Task.timeout(closingMs)(Task.asUnit(Task.promise(() => Promise.allSettled(close()))))
  )
