import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import type { McpServer } from '@modelcontextprotocol/server'
import { resources } from 'raceproof/probe'
import { reportFault } from './report-fault.ts'

/** What a session tells its owner. */
export interface HttpSessionEvents {
  /** The client has initialized, and has this id from now on. */
  opened(id: string): void
  /** It is over: the client deleted it, or we closed it. Comes once, and only after `opened`. */
  closed(id: string): void
}

/** One client over HTTP: an `Mcp-Session-Id` with a transport and a server of the SDK of its own. */
export class HttpSession {
  readonly #transport: NodeStreamableHTTPServerTransport
  readonly #server: McpServer
  readonly #events: HttpSessionEvents
  #id: string | null = null

  constructor(server: McpServer, events: HttpSessionEvents) {
    this.#server = server
    this.#events = events
    this.#transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => this.#opened(id),
    })
  }

  /** Null until the client has initialized. */
  get id(): string | null {
    return this.#id
  }

  async connect(): Promise<void> {
    // The SDK takes the transport's own callbacks for itself; the server's are ours.
    this.#server.server.onclose = () => this.#closed()
    await this.#server.connect(this.#transport)
  }

  /** Answers a request; `message` is its body, when somebody has read that already. */
  handle(request: IncomingMessage, response: ServerResponse, message?: unknown): Promise<void> {
    return this.#transport.handleRequest(request, response, message)
  }

  /** Ends it at once, and has told its owner by the time it returns: the SDK waits for nothing. */
  close(): void {
    this.#server.close().catch((error: unknown) => reportFault('http', error))
  }

  #opened(id: string): void {
    this.#id = id
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'mcp-session', id })
    this.#events.opened(id)
  }

  #closed(): void {
    if (this.#id === null) return
    if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'mcp-session', id: this.#id })
    this.#events.closed(this.#id)
  }
}
