import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** What a request asks for: the last id that the client has, and how many requests of its kind came before. */
export interface Asked {
  after: number
  attempt: number
}

/** What a scripted server does with each kind of request; one that is left out is answered with 404. */
export interface Script {
  ws?: (socket: WebSocket, asked: Asked) => void
  /** The status with which the WebSocket's handshake is refused; null lets it in. */
  refuseUpgrade?: (asked: Asked) => number | null
  sse?: (response: ServerResponse, asked: Asked) => void
  rest?: (response: ServerResponse, asked: Asked) => void
  healthz?: (response: ServerResponse, asked: Asked) => void
  /** Names the life of the plan. */
  stream?: (asked: Asked) => string
}

/** A server that does what a test says, on real sockets. To be closed by `await using`. */
export class ScriptedServer {
  /** What was asked for, in order: `ws 0`, `sse 3`, `rest 5`, `healthz 0`. */
  readonly asked: string[] = []
  readonly #script: Script
  readonly #counts = new Map<string, number>()
  readonly #connections = new Set<Socket>()
  readonly #upgrades = new WebSocketServer({ noServer: true })
  readonly #server = createServer((request, response) => this.#answer(request, response))

  static async start(script: Script, port = 0): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(script)
    scripted.#server.listen(port, '127.0.0.1')
    await once(scripted.#server, 'listening')
    return scripted
  }

  constructor(script: Script) {
    this.#script = script
    this.#server.on('connection', (connection) => this.#connections.add(connection))
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get port(): number {
    return Number(new URL(this.url).port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const kinds = { stream: 'sse', events: 'rest', healthz: 'healthz' } as const
    const last = new URL(request.url ?? '', this.url).pathname.split('/').at(-1)
    const kind = kinds[last as keyof typeof kinds]
    const script = this.#script[kind]
    const asked = this.#note(kind, request)
    response.setHeader('x-plan-stream', this.#script.stream?.(asked) ?? 'p#1')
    if (script) script(response, asked)
    else response.writeHead(404).end('{"error":"no such plan"}')
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const asked = this.#note('ws', request)
    const { ws, refuseUpgrade, stream } = this.#script
    const status = refuseUpgrade?.(asked) ?? null
    if (!ws || status !== null) return void socket.end(refusalOf(status ?? 404))
    this.#upgrades.once('headers', (headers) => headers.push(`x-plan-stream: ${stream?.(asked) ?? 'p#1'}`))
    this.#upgrades.handleUpgrade(request, socket, head, (accepted) => ws(accepted, asked))
  }

  #note(kind: string, { url = '', headers }: IncomingMessage): Asked {
    const after = Number(headers['last-event-id'] ?? new URL(url, this.url).searchParams.get('after'))
    const attempt = this.#counts.get(kind) ?? 0
    this.#counts.set(kind, attempt + 1)
    this.asked.push(`${kind} ${after}`)
    return { after, attempt }
  }
}

/** An overloaded server says when to come again. */
function refusalOf(status: number): string {
  const later = status === 503 ? 'retry-after: 7\r\n' : ''
  return `HTTP/1.1 ${status} Refused\r\n${later}content-length: 0\r\n\r\n`
}

/** An event as the server sends it; the type of the last of a plan is `completed`. */
export const frame = (id: number, type = 'log') => ({ id, type, data: { n: id } })

/** Sends frames over a WebSocket; resolves when the kernel has them, so that what follows cannot overtake them. */
export async function sendFrames(socket: WebSocket, ...frames: object[]): Promise<void> {
  for (const each of frames) await new Promise((resolve) => socket.send(JSON.stringify(each), resolve))
}

/** Begins an event stream, and sends events. */
export function sendEvents(response: ServerResponse, ...events: ReturnType<typeof frame>[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n')
  for (const { id, type, data } of events)
    response.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
}
