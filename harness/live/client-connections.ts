import { Agent } from 'node:http'
import { connect, Socket } from 'node:net'
import { HarnessError } from '../errors.ts'
import type { FaultProxy } from './proxy/fault-proxy.ts'

/** An agent that opens its connections through the fault proxy, whatever address it is asked for. */
class LinkAgent extends Agent {
  readonly #connect: () => Socket

  constructor(open: () => Socket) {
    super({ keepAlive: true })
    this.#connect = open
  }

  override createConnection(): Socket {
    return this.#connect()
  }
}

/** The connections of one client in one round. */
export class ClientConnections {
  readonly agent: Agent
  readonly #client: string
  readonly #proxy: FaultProxy | null
  readonly #sockets = new Set<Socket>()
  #closed = false

  constructor(client: string, proxy: FaultProxy | null) {
    this.#client = client
    this.#proxy = proxy
    this.agent = new LinkAgent(() => this.connect())
  }

  /** Opens a connection to the target. After the round it fails, as if nobody listened any more. */
  connect(): Socket {
    const proxy = this.#proxy
    if (proxy === null) {
      throw new HarnessError('ERR_SCENARIO_INVALID', `${this.#client} cannot connect: the target speaks stdio only`)
    }
    if (this.#closed) return new Socket().destroy(new Error('the round is over'))
    const socket = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true })
    this.#sockets.add(socket)
    // Whoever uses the socket hears of its errors; one that came after nobody listens must not end the harness.
    socket.on('error', () => {})
    socket.once('connect', () => proxy.claim(socket.localPort as number, this.#client))
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  /** Ends whatever the client still has open. */
  close(): void {
    this.#closed = true
    this.agent.destroy()
    for (const socket of this.#sockets) socket.destroy()
  }
}
