/**
 * A proxy in front of Redis, for what networks do: it forwards to another server from now on (as a name does that points to the new
 * primary), goes silent on the connections that it has (no FIN, no RST: as a firewall that has forgotten them), or cuts them.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly server: Socket
  isSilent: boolean
}

export class RedisProxy {
  private readonly pairs = new Set<Pair>()
  private readonly listener: Server = createServer((client) => this.accept(client))
  /** How many connections have been made through it. */
  connections = 0

  private constructor(private target: number) {}

  /** In front of the server on that port. */
  static async make(target: number): Promise<RedisProxy> {
    const proxy = new RedisProxy(target)
    await new Promise<void>((resolve) => proxy.listener.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    const { port } = this.listener.address() as AddressInfo
    return `redis://127.0.0.1:${port}`
  }

  private accept(client: Socket): void {
    this.connections++
    const server = connect(this.target, '127.0.0.1')
    const pair = { client, server, isSilent: false }
    this.pairs.add(pair)
    const forward = (to: Socket) => (data: Buffer) => {
      if (!pair.isSilent) to.write(data)
    }
    const end = (other: Socket) => () => {
      if (pair.isSilent) return
      other.destroy()
      this.pairs.delete(pair)
    }
    for (const socket of [client, server]) socket.on('error', () => {})
    client.on('data', forward(server))
    server.on('data', forward(client))
    client.on('close', end(server))
    server.on('close', end(client))
  }

  /** New connections reach that server; those that exist stay where they are. */
  redirect(target: number): void {
    this.target = target
  }

  /** The connections that exist forward nothing any more, in either direction; new ones work. */
  goSilent(): void {
    for (const pair of this.pairs) pair.isSilent = true
  }

  /** Cuts the connections that exist. */
  cut(): void {
    for (const { client, server } of this.pairs) for (const socket of [client, server]) socket.destroy()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.listener.close(resolve))
  }
}
