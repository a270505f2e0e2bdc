import { type Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import {
  errorFor,
  initializedNotification,
  initializeParams,
  protocolVersion,
  type RpcRequest,
  type RpcResponse,
  resultOf,
  rpcRequest,
  type ToolAnswer,
  type ToolCaller,
  toolAnswer,
} from './json-rpc.ts'

interface HttpReply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface HttpCallerOptions {
  /** The MCP endpoint, such as `http://127.0.0.1:4711/mcp`. */
  url: string
  agent: Agent
  /** How the client calls itself. */
  name: string
}

/** Calls tools over Streamable HTTP with plain `node:http`: one client, one `Mcp-Session-Id`. */
export class HttpCaller implements ToolCaller {
  readonly #options: HttpCallerOptions
  /** The one initialization, which calls that come meanwhile wait for too. */
  #opening: Promise<void> | null = null
  /** A server may do without. */
  #mcpSessionId: string | undefined
  #requests = 0

  constructor(options: HttpCallerOptions) {
    this.#options = options
  }

  async call(tool: string, input: object, signal: AbortSignal): Promise<ToolAnswer> {
    await this.#open(signal)
    const request = this.#next('tools/call', { name: tool, arguments: input })
    const reply = await this.#send('POST', request, signal)
    if (reply.status === 404) this.#forgetSession()
    return toolAnswer(resultOf(responseIn(reply, request), request))
  }

  async close(signal: AbortSignal): Promise<void> {
    if (this.#mcpSessionId === undefined) return
    const reply = await this.#send('DELETE', null, signal)
    this.#forgetSession()
    expectSuccess(reply)
  }

  /** The server does not know the session any more, as after a restart, or never did: the next call opens another. */
  #forgetSession(): void {
    this.#mcpSessionId = undefined
    this.#opening = null
  }

  #open(signal: AbortSignal): Promise<void> {
    this.#opening ??= this.#initialize(signal).catch((error) => {
      this.#forgetSession()
      throw error
    })
    return this.#opening
  }

  async #initialize(signal: AbortSignal): Promise<void> {
    const request = this.#next('initialize', initializeParams(this.#options.name))
    const reply = await this.#send('POST', request, signal)
    resultOf(responseIn(reply, request), request)
    // Node gives a header that came twice as one string, though its types cannot say so.
    this.#mcpSessionId = reply.headers['mcp-session-id'] as string | undefined
    await this.#send('POST', initializedNotification, signal)
  }

  #next(method: string, params: object): RpcRequest {
    return rpcRequest(`${++this.#requests}`, method, params)
  }

  #send(method: 'POST' | 'DELETE', message: object | null, signal: AbortSignal): Promise<HttpReply> {
    const body = message === null ? '' : JSON.stringify(message)
    const headers = {
      accept: 'application/json, text/event-stream',
      ...(message === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...(this.#mcpSessionId === undefined
        ? {}
        : { 'mcp-session-id': this.#mcpSessionId, 'mcp-protocol-version': protocolVersion }),
    }
    const { url, agent } = this.#options
    return new Promise((resolve, reject) => {
      const request = httpRequest(url, { method, agent, signal, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      })
      request.on('error', reject)
      request.end(body)
    })
  }
}

/** The JSON-RPC response in an HTTP reply, be it plain JSON or the last message of an event stream. */
function responseIn(reply: HttpReply, request: RpcRequest): RpcResponse {
  expectSuccess(reply)
  const { headers, body } = reply
  const streamed = headers['content-type']?.startsWith('text/event-stream') === true
  const messages = (streamed ? dataLines(body) : [body]).map((text) => JSON.parse(text) as RpcResponse)
  const response = messages.find(({ result, error }) => result !== undefined || error !== undefined)
  if (response) return response
  throw new Error(`the reply to ${request.id} (${request.method}) ended without an answer`)
}

/** Throws what {@link errorFor} makes of a reply that refuses. */
function expectSuccess({ status, body }: HttpReply): void {
  if (status >= 400) throw errorFor(messageIn(body) ?? `HTTP ${status}: ${body}`, status)
}

function dataLines(stream: string): string[] {
  return stream
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
}

function messageIn(body: string): string | undefined {
  try {
    return (JSON.parse(body) as RpcResponse).error?.message
  } catch {
    return undefined
  }
}
