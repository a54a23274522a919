/**
 * The connections of one executor or server to Redis: made with what lets them outlive a failover and a
 * silent network, watched, and closed together.
 *
 * Commands wait while Redis is away and are sent again when it is back, so that a restart loses nothing.
 * ioredis notices neither that the server has become a replica, nor (on a connection on which nothing is
 * sent) that nobody is at the other end.
 */
import type { Cluster, ClusterNode, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import { runFork } from '../index.js'
import { hostClock } from '../runtime/host/timers.js'
import * as Task from '../Task.js'
import type { ConnectionEvent, Settings } from './connection.js'
import { isOfReplica, withoutCommand } from './redis-errors.js'

export type Client = Redis | Cluster

type ClusterSettings = Omit<ClusterOptions, 'redisOptions'> & {
  readonly redisOptions: Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>
}

export interface Clients {
  readonly Redis: new (options: RedisOptions) => Redis
  readonly Cluster: new (nodes: Array<ClusterNode>, options: ClusterSettings) => Cluster
}

const longestReconnectPauseMs = 1000

/** Emitted by a connection of ours once its server is known to be a primary. */
const primaryEvent = 'aio-ts:primary'

/** Within so many milliseconds another refusal of a replica is of the same failover. */
const failoverMs = 10_000

/** After how many ms a repeated error is reported again. */
const connectionTellAgainMs = 10_000

export class Connections {
  /** Those that are connected, or were and are to be again. */
  private readonly known = new Set<Client>()
  /** Those of them that are not connected now. */
  private readonly lost = new Set<Client>()
  /** Those on which a command may be sent at any time, since none waits there. */
  private readonly pinged = new Set<Client>()
  /** Every one that was made and has not ended. */
  private readonly all = new Set<Client>()
  private stopPinging: (() => void) | undefined
  private isOver = false
  private state: ConnectionEvent['state'] = 'disconnected'
  /** Only from here on a connection that is made, or lost, changes the state. */
  private isOpened = false
  /** The last report and its time, so that repeated attempts to connect do not repeat it. */
  private lastReport = { words: '', at: Number.NEGATIVE_INFINITY }
  private failovers = { count: 0, at: Number.NEGATIVE_INFINITY }
  /** Called whenever all are connected again after one was lost. */
  private readonly whenBack = new Set<() => void>()

  /** What went wrong last, before it was opened. */
  lastError: Error | undefined

  constructor(
    private readonly clients: Clients,
    readonly settings: Settings,
    private readonly onConnection: ((event: ConnectionEvent) => void) | undefined
  ) {}

  /** Whether every connection is made, as far as is known. */
  get isConnected(): boolean {
    return this.state === 'connected'
  }

  /**
   * A connection for commands of which none waits, to be handed to BullMQ as well: what it duplicates is
   * watched, too.
   */
  make(): Client {
    const { redis, cluster } = this.settings
    const client =
      cluster === undefined
        ? new this.clients.Redis(this.forRedis(redis ?? {}))
        : new this.clients.Cluster(cluster.nodes, this.forCluster(cluster.options))
    this.watch(client)
    if (cluster === undefined) this.watchRole(client)
    this.pinged.add(client)
    if (this.stopPinging === undefined) this.pingLater()
    return client
  }

  private forRedis(options: RedisOptions): RedisOptions {
    const { retryStrategy, reconnectOnError } = options
    return {
      ...options,
      maxRetriesPerRequest: null,
      // ioredis leaves the rejection unhandled of what it subscribes to again by itself.
      autoResubscribe: false,
      retryStrategy: (tries) => this.pause(tries, retryStrategy),
      reconnectOnError: (error) => reconnectOnError?.(error) || (this.isFailover(error) ? 2 : false)
    }
  }

  private forCluster(options: ClusterOptions): ClusterSettings {
    const { clusterRetryStrategy } = options
    return {
      ...options,
      clusterRetryStrategy: (tries) => this.pause(tries, clusterRetryStrategy),
      redisOptions: { ...options.redisOptions, maxRetriesPerRequest: null }
    }
  }

  /** How long to wait before the next try to connect again, in ms; null where none is to follow. */
  private pause(tries: number, own: ((tries: number) => unknown) | null | undefined): number | null {
    if (this.isOver) return null
    const wanted = own?.(tries)
    const { count, at } = this.failovers
    // A try succeeds at a replica, too: without this it would be asked again at once for as long as it is
    // one.
    const least = hostClock.now() - at < failoverMs ? 25 * 2 ** Math.min(count, 8) : 0
    const ms = typeof wanted === 'number' ? wanted : Math.min(50 * tries, longestReconnectPauseMs)
    return Math.max(ms, Math.min(least, longestReconnectPauseMs))
  }

  /**
   * Whether the server is no primary any more: then the command is sent again on a new connection, and the
   * others are made anew.
   */
  private isFailover(error: Error): boolean {
    if (this.isOver || !isOfReplica(error)) return false
    this.leave(error)
    return true
  }

  /** The server is no primary: new connections may lead to the one that is. */
  private leave(error: Error): void {
    this.failed(error)
    const now = hostClock.now()
    const { count, at } = this.failovers
    if (now - at < longestReconnectPauseMs) return
    this.failovers = { count: now - at > failoverMs ? 1 : count + 1, at: now }
    for (const client of this.pinged) if (client.status === 'ready') client.disconnect(true)
  }

  /**
   * Asks the server of each new connection for its role: one on which nothing is written would stay at a
   * replica.
   */
  private watchRole(client: Client): void {
    client.on('ready', () => {
      client.info('replication').then(
        (info) => {
          if (!info.includes('role:slave')) return client.emit(primaryEvent)
          this.leave(new Error('READONLY the server is a replica'))
          return client.disconnect(true)
        },
        // A user without this permission is refused again when the queue is opened. If the connection is
        // lost, another one is made.
        () => client.status === 'ready' && client.emit(primaryEvent)
      )
    })
  }

  /**
   * Resolves once that connection leads to a primary, however many tries it takes. Rejects with what `judge`
   * makes of an error.
   */
  reached(client: Client, judge: (error: Error) => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      client.once(this.settings.cluster === undefined ? primaryEvent : 'ready', () => resolve())
      client.on('error', (thrown: Error) => {
        const judged = judge(thrown)
        if (judged !== undefined) reject(judged)
      })
    })
  }

  /** Calls `f` whenever all are connected again after one was lost. */
  onBack(f: () => void): void {
    this.whenBack.add(f)
  }

  private watch(client: Client): void {
    this.all.add(client)
    watchDuplicates(client, (copy) => this.watch(copy))
    client.on('ready', () => {
      this.all.add(client)
      this.known.add(client)
      this.lost.delete(client)
      this.update(undefined)
    })
    client.on('error', (thrown: Error) => {
      const error = withoutCommand(thrown)
      this.lastError = error
      // Otherwise the loss of the connection follows, which reports it.
      if (!this.known.has(client) || this.lost.has(client)) this.reportError(error)
    })
    client.on('close', async () => {
      // The client of a cluster has its status only after all listeners have run.
      await undefined
      // Closed by us, or by BullMQ, which opens it again if it is needed.
      if (client.status === 'end' || client.status === 'ready' || !this.known.has(client)) return
      this.lost.add(client)
      this.update(this.lastError)
    })
    client.on('end', () => {
      this.all.delete(client)
      this.known.delete(client)
      this.lost.delete(client)
      this.update(undefined)
    })
  }

  /** All that is needed at first is connected. */
  opened(): void {
    this.isOpened = true
    this.update(undefined)
  }

  private update(error: Error | undefined): void {
    if (!this.isOpened) return
    const state = this.lost.size === 0 ? 'connected' : 'disconnected'
    if (state === this.state) return
    this.state = state
    this.remember(error)
    this.lastError = undefined
    this.emit(error)
    if (state === 'connected') for (const f of this.whenBack) f()
  }

  /** Something was refused, or went wrong otherwise. */
  failed(thrown: unknown): void {
    const error = withoutCommand(thrown)
    this.lastError = error
    this.reportError(error)
  }

  private reportError(error: Error): void {
    const { words, at } = this.lastReport
    if (wordsToCompare(error) === words && hostClock.now() - at < connectionTellAgainMs) return
    this.remember(error)
    this.emit(error)
  }

  private remember(error: Error | undefined): void {
    this.lastReport = { words: error === undefined ? '' : wordsToCompare(error), at: hostClock.now() }
  }

  /** In a fiber of its own: what the handler throws goes to the reporter, and breaks no connection. */
  private emit(error: Error | undefined): void {
    const { onConnection, state } = this
    if (onConnection === undefined || this.isOver) return
    runFork(Task.sync(() => onConnection({ state, error })))
  }

  /** A socket is only noticed to be dead while it owes an answer. */
  private pingLater(): void {
    this.stopPinging = hostClock.setTimer(this.settings.socketTimeout / 4, () => {
      for (const client of this.pinged) if (client.status === 'ready') client.ping().catch(() => {})
      this.pingLater()
    })
  }

  /** No connection is made again from here on: what waits for its end need not wait for Redis. */
  giveUp(): void {
    this.isOver = true
    this.stopPinging?.()
  }

  /** At once, also while one tries to connect again. */
  close(): void {
    this.giveUp()
    for (const client of this.all) client.disconnect()
  }
}

/** Without the script of BullMQ's that Redis was at. */
const wordsToCompare = ({ message }: Error): string => message.replace(/ script: .*/s, '')

/**
 * BullMQ duplicates a connection for commands that wait. Safe because `duplicate` of both classes gives
 * another of the same class.
 */
function watchDuplicates(client: Client, watch: (copy: Client) => void): void {
  const duplicating = client as { duplicate: (...args: ReadonlyArray<unknown>) => Client }
  const duplicate = duplicating.duplicate.bind(client)
  duplicating.duplicate = (...args) => {
    const copy = duplicate(...args)
    watch(copy)
    return copy
  }
}
