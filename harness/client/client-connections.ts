import { Agent } from 'node:http'
import { connect, Socket } from 'node:net'
import { HarnessError } from '../errors.ts'

/** The way to the target: where clients connect, and who learns whose connection is whose. */
export interface Entrance {
  readonly port: number
  /** Says that the connection from this port is the client's. */
  claim(localPort: number, client: string): void
}

/** An agent that opens its connections through the world's entrance, whatever address it is asked for. */
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
  readonly #entrance: Entrance | null
  readonly #sockets = new Set<Socket>()
  #closed = false

  constructor(client: string, entrance: Entrance | null) {
    this.#client = client
    this.#entrance = entrance
    this.agent = new LinkAgent(() => this.connect())
  }

  /** Opens a connection to the target. After the round it fails, as if nobody listened any more. */
  connect(): Socket {
    const entrance = this.#entrance
    if (entrance === null) {
      throw new HarnessError('ERR_SCENARIO_INVALID', `${this.#client} cannot connect: the target speaks stdio only`)
    }
    if (this.#closed) return new Socket().destroy(new Error('the round is over'))
    const socket = connect({ host: '127.0.0.1', port: entrance.port, noDelay: true })
    this.#sockets.add(socket)
    // Whoever uses the socket hears of its errors; one that came after nobody listens must not end the harness.
    socket.on('error', () => {})
    socket.once('connect', () => entrance.claim(socket.localPort as number, this.#client))
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
