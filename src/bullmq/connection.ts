/** Where Redis is, as a person says it, and with what each connection to it is made. */
import type { ClusterNode, ClusterOptions, RedisOptions } from 'ioredis'
import { describeValue } from '../data/check-input.js'
import { callback, checkOptions, fitting, milliseconds } from '../data/check-options.js'

/** What a queue needs to have in one way only. */
type Reserved =
  | 'autoResendUnfulfilledCommands'
  | 'autoResubscribe'
  | 'commandQueue'
  | 'connectionName'
  | 'Connector'
  | 'enableOfflineQueue'
  | 'keyPrefix'
  | 'lazyConnect'
  | 'maxRetriesPerRequest'
  | 'monitor'
  | 'offlineQueue'
  | 'readOnly'
  | 'replyMapping'
  | 'scripts'
  | 'stringNumbers'

/**
 * One Redis, or one behind Sentinels (`sentinels` and `name`), by the options of ioredis. `url` may take the
 * place of host, port, user, password and database.
 *
 * What is left out is set so that a failover and a connection that went silent are noticed: a socket that
 * owes an answer for `socketTimeout` milliseconds (8,000) is replaced, and so is a connection to a server
 * that has become a replica (`reconnectOnError` is asked first). A `retryStrategy` says how long to wait;
 * there is always a next try.
 */
export type RedisConnection = Readonly<Omit<RedisOptions, Reserved>> & { readonly url?: string }

/** A Redis Cluster: the nodes that are asked for the others, and the options of ioredis for it. */
export interface ClusterConnection {
  readonly nodes: ReadonlyArray<ClusterNode>
  readonly options?: Readonly<Omit<ClusterOptions, Reserved | 'redisOptions'>> & {
    readonly redisOptions?: Readonly<Omit<NonNullable<ClusterOptions['redisOptions']>, Reserved>>
  }
}

/** Where Redis is: `redis://` or `rediss://` with a host, or the options of ioredis. */
export type Connection = string | RedisConnection | ClusterConnection

/** What the connections to Redis are, and what went wrong with them. */
export interface ConnectionEvent {
  /**
   * `connected` while each connection is made; `disconnected` while one is not: commands wait then, and are
   * sent when it is again.
   */
  readonly state: 'connected' | 'disconnected'
  /**
   * Why a connection was lost or could not be made again, or what Redis has refused. Never with the arguments
   * of a command.
   */
  readonly error: Error | undefined
}

/** What both sides say of the queue. */
export interface RedisQueueOptions {
  readonly connection: Connection
  /** The queue's name: callers and workers of one name meet. */
  readonly queue: string
  /**
   * What the names of its keys in Redis begin with; 'bull' if left out. On a Redis Cluster '{bull}': all have
   * to be on one node.
   */
  readonly prefix?: string
  /**
   * How many milliseconds it may take to connect at first, tries included, and then to open the queue; 5,000
   * if left out.
   */
  readonly connectMs?: number
  /**
   * Called when the connections to Redis are made, lost and made again, and for each new error: one that was
   * met while trying to connect again, or a command that Redis refused. Never with a password or a payload.
   */
  readonly onConnection?: (event: ConnectionEvent) => void
}

export const defaultConnectMs = 5000

const defaultSocketTimeout = 8000

/** How long a command that waits for something may wait, in ms, at most. */
const mostBlockMs = 5000

/** What the connections of one executor or server are made with. */
export interface Settings {
  /** Undefined for a Redis Cluster. */
  readonly redis: RedisOptions | undefined
  readonly cluster: { readonly nodes: Array<ClusterNode>; readonly options: ClusterOptions } | undefined
  /** For a person: no password in it. */
  readonly place: string
  /** After how many milliseconds without the answer that it owes a socket is dead. */
  readonly socketTimeout: number
  /** How long a command may wait in Redis for something to happen: well below that. */
  readonly blockMs: number
}

const isCluster = (connection: RedisConnection | ClusterConnection): connection is ClusterConnection =>
  'nodes' in connection

export const prefixOf = ({ prefix, connection }: RedisQueueOptions): string =>
  prefix ?? (typeof connection === 'object' && isCluster(connection) ? '{bull}' : 'bull')

function partsOf(url: string): RedisOptions {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  const db = Number(pathname.slice(1))
  if (protocol !== 'redis:' && protocol !== 'rediss:') throw new TypeError('expected redis:// or rediss://')
  if (!Number.isInteger(db)) throw new TypeError('expected the number of a database behind the host')
  return {
    ...(hostname === '' ? {} : { host: hostname.replace(/^\[(.*)\]$/, '$1') }),
    ...(port === '' ? {} : { port: Number(port) }),
    db,
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {})
  }
}

const clusterNodeOf = (node: ClusterNode): string =>
  typeof node === 'object' ? `${node.host ?? '127.0.0.1'}:${node.port ?? 6379}` : String(node)

function placeOf({ host, port, path, sentinels, name }: RedisOptions): string {
  if (sentinels != null) {
    const all = sentinels.map(({ host: at, port: number }) => `${at ?? '127.0.0.1'}:${number ?? 26_379}`)
    return `${name} of the Sentinels ${all.join(', ')}`
  }
  return path ?? `${host}:${port}`
}

const timesOf = ({ socketTimeout = defaultSocketTimeout, commandTimeout }: RedisOptions) => ({
  socketTimeout,
  blockMs: Math.min(mostBlockMs, Math.floor(Math.min(socketTimeout, commandTimeout ?? socketTimeout) / 2))
})

/** The options of ioredis for a connection. Throws if the URL is not that of a Redis. */
export function connectionSettingsOf(connection: Connection): Settings {
  if (typeof connection === 'object' && isCluster(connection)) {
    const { nodes, options = {} } = connection
    const times = timesOf(options.redisOptions ?? {})
    const redisOptions = { ...options.redisOptions, socketTimeout: times.socketTimeout }
    return {
      redis: undefined,
      cluster: { nodes: [...nodes], options: { ...options, redisOptions } },
      place: `the cluster of ${nodes.map(clusterNodeOf).join(', ')}`,
      ...times
    }
  }
  const { url, ...own } = typeof connection === 'string' ? { url: connection } : connection
  const redis: RedisOptions = {
    host: '127.0.0.1',
    port: 6379,
    ...(url === undefined ? {} : partsOf(url)),
    // One second before it is asked again whether it has loaded its data, and not ten.
    maxLoadingRetryTime: 1000,
    ...own
  }
  const times = timesOf(redis)
  return {
    redis: { ...redis, socketTimeout: times.socketTimeout },
    cluster: undefined,
    place: placeOf(redis),
    ...times
  }
}

/** Returns the error for `options`, or undefined if they are valid. */
export const checkQueueOptions = (where: string, options: RedisQueueOptions): Error | undefined =>
  checkOptions(where, options, {
    prefix: fitting('a prefix that is not empty', (value) => typeof value === 'string' && value !== ''),
    connectMs: milliseconds,
    onConnection: callback
  }) ??
  fitting('the name of a queue, without a colon', isQueueName)(where, 'queue', options.queue) ??
  checkConnection(where, options)

const isQueueName = (value: unknown): boolean =>
  typeof value === 'string' && value !== '' && !value.includes(':')

function checkConnection(where: string, { connection, prefix }: RedisQueueOptions): Error | undefined {
  if (typeof connection !== 'string' && (typeof connection !== 'object' || connection === null)) {
    return new TypeError(`${where}: expected a connection, got ${describeValue(connection)}`)
  }
  const url = typeof connection === 'string' ? connection : 'url' in connection ? connection.url : undefined
  if (url !== undefined) {
    try {
      partsOf(url)
    } catch (thrown) {
      // Not the text itself: there may be a password in it.
      const words = thrown instanceof Error ? thrown.message : String(thrown)
      return new TypeError(`${where}: expected connection to be the URL of a Redis: ${words}`)
    }
  }
  if (typeof connection === 'string') return undefined
  if (!isCluster(connection)) return checkTimeout(where, connection.socketTimeout)
  if (!Array.isArray(connection.nodes) || connection.nodes.length === 0) {
    return new TypeError(
      `${where}: expected a list of nodes of a Redis Cluster, got ${describeValue(connection.nodes)}`
    )
  }
  if (prefix !== undefined && !/\{[^}]+\}/.test(prefix)) {
    return new TypeError(
      `${where}: on a Redis Cluster the prefix needs a part in braces, as '{bull}', so that all keys are on one node; got ${describeValue(prefix)}`
    )
  }
  return checkTimeout(where, connection.options?.redisOptions?.socketTimeout)
}

/** The longest time that host timers take: a longer one would fire at once. */
const longestWaitMs = 2_147_483_647

const checkTimeout = (where: string, ms: number | undefined): Error | undefined =>
  ms === undefined || (typeof ms === 'number' && ms > 0 && ms <= longestWaitMs)
    ? undefined
    : new RangeError(
        `${where}, socketTimeout: expected more than 0 and at most ${longestWaitMs} ms, got ${describeValue(ms)}`
      )
