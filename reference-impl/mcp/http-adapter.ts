import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { localhostHostValidation, localhostOriginValidation } from '@modelcontextprotocol/node'
import { HttpSession } from './http-session.ts'
import type { Reapable } from './idle-reaper.ts'
import type { OpenCalls } from './open-calls.ts'
import { reportFault } from './report-fault.ts'
import type { ToolBox } from './tool-box.ts'
import type { Usage } from './usage.ts'

export interface HttpLimits {
  /** Clients at a time. */
  clients: number
  /** How long a client may be silent before its MCP session is ended, in milliseconds. */
  idleMs: number
}

export interface HttpAdapterParts {
  toolBox: ToolBox
  limits: HttpLimits
  /** Keeps count of which client is silent. */
  usage: Usage
  calls: OpenCalls
}

/**
 * Streamable HTTP at `/mcp`, sessionful, and `GET /healthz`. A request without an `Mcp-Session-Id` may open a session;
 * one with an id goes to the session of that id. A session ends when its client deletes it, or by being idle.
 */
export class HttpAdapter implements Reapable {
  protected readonly toolBox: ToolBox
  protected readonly limits: HttpLimits
  protected readonly usage: Usage
  protected readonly sessions = new Map<string, HttpSession>()
  readonly #calls: OpenCalls
  readonly #server: Server
  readonly #isLocalHost = localhostHostValidation()
  readonly #isLocalOrigin = localhostOriginValidation()
  /** Clients that are about to get a session. */
  #opening = 0
  #draining = false

  constructor({ toolBox, limits, usage, calls }: HttpAdapterParts) {
    this.toolBox = toolBox
    this.limits = limits
    this.usage = usage
    this.#calls = calls
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  /** Listens, and returns the URL. Rejects with the system's error when the address is taken. */
  async listen(host: string, port: number): Promise<string> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    return `http://${host}:${(this.#server.address() as AddressInfo).port}`
  }

  /** Accepts nothing new from now on: further requests are refused with 503. */
  drain(): void {
    this.#draining = true
    this.#server.close()
  }

  /** Ends all sessions and connections, at once. */
  close(): void {
    this.drain()
    for (const session of [...this.sessions.values()]) session.close()
    this.#server.closeAllConnections()
  }

  /** Ends the sessions of clients that have gone silent. */
  reap(): void {
    for (const id of this.usage.idleFor(this.limits.idleMs)) this.sessions.get(id)?.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response)
    } catch (thrown) {
      reportFault('http', thrown)
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'internal server error')
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0]
    if (path === '/healthz') return void response.writeHead(this.#draining ? 503 : 200).end()
    if (path !== '/mcp') return refuse(response, 404, `there is nothing at ${path}; MCP is at /mcp`)
    if (!this.#isLocalHost(request, response) || !this.#isLocalOrigin(request, response)) return
    if (this.#draining) return refuse(response, 503, 'the server is shutting down', comeAgain)

    const id = request.headers['mcp-session-id']
    if (typeof id !== 'string') return this.#welcome(request, response)
    const session = this.sessions.get(id)
    if (session === undefined) return refuse(response, 404, 'Session not found')
    this.#count(id, request, response)
    await this.pass(session, request, response)
  }

  /** Hands a request to its session, whose answer goes to this response. */
  protected pass(session: HttpSession, request: IncomingMessage, response: ServerResponse): Promise<void> {
    return session.handle(request, response)
  }

  /** Answers a request without a session, which should be an `initialize`; the SDK refuses any other. */
  async #welcome(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.sessions.size + this.#opening >= this.limits.clients) {
      return refuse(response, 503, `the server has ${this.limits.clients} clients, which is the most`, comeAgain)
    }
    this.#opening++
    try {
      await this.#open(request, response)
    } finally {
      this.#opening--
    }
  }

  async #open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const session = this.makeSession()
    await session.connect()
    await session.handle(request, response)
    if (session.id === null) session.close()
  }

  protected makeSession(): HttpSession {
    const session: HttpSession = new HttpSession(this.toolBox.makeServer(), {
      opened: (id) => {
        this.sessions.set(id, session)
        this.usage.touch(id)
      },
      closed: (id) => {
        this.sessions.delete(id)
        this.usage.forget(id)
      },
    })
    return session
  }

  /**
   * Counts a request until its response has ended. A stream that a client keeps open to listen shows that the client
   * is there, but is nothing that a shutdown should wait for.
   */
  #count(id: string, request: IncomingMessage, response: ServerResponse): void {
    const isCall = request.method !== 'GET'
    this.usage.begin(id)
    if (isCall) this.#calls.begin()
    response.once('close', () => {
      this.usage.end(id)
      if (isCall) this.#calls.end()
    })
  }
}

/** A refusal that need not last. */
const comeAgain = { 'retry-after': '1' }

function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  const body = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message } })
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}
