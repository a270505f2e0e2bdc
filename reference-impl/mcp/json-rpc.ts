/** The protocol revision that our own clients speak: the last one with sessions. */
export const protocolVersion = '2025-11-25'

export interface RpcRequest {
  jsonrpc: '2.0'
  id: string
  method: string
  params: Record<string, unknown>
}

export interface RpcResponse {
  jsonrpc: '2.0'
  id: string | number | null
  result?: Record<string, unknown>
  error?: { code: number; message: string }
}

/** The request was refused before any tool ran: it certainly had no effect. */
export class RpcRefusal extends Error {
  /** The HTTP status or the JSON-RPC error code. */
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.name = 'RpcRefusal'
    this.status = status
  }
}

/** The server failed while it worked on the request: nobody knows how far it came. */
export class RpcFault extends Error {
  /** The HTTP status or the JSON-RPC error code. */
  readonly status: number

  constructor(message: string, status: number) {
    super(`the server failed with ${status}: ${message}`)
    this.name = 'RpcFault'
    this.status = status
  }
}

/** JSON-RPC's code for an error that the server did not foresee. */
export const internalError = -32603

/** The error for a status of HTTP or JSON-RPC. */
export function errorFor(message: string, status: number): RpcRefusal | RpcFault {
  const isFault = status === internalError || (status >= 500 && status !== 503)
  return isFault ? new RpcFault(message, status) : new RpcRefusal(message, status)
}

/** A tool's answer. */
export interface ToolAnswer {
  isError: boolean
  /** The text of its content, which says why when it is an error. */
  text: string
  structured: Record<string, unknown>
}

/** Calls tools on one MCP connection, which it opens at the first call. */
export interface ToolCaller {
  /**
   * Calls a tool. Throws an {@link RpcRefusal} when the request certainly had no effect, and any other Error when
   * nobody knows, as when the connection is lost or `signal` ends the waiting.
   */
  call(tool: string, input: object, signal: AbortSignal): Promise<ToolAnswer>
  /** Ends the connection's session; the next call opens another one. */
  close(signal: AbortSignal): Promise<void>
}

export function rpcRequest(id: string, method: string, params: object): RpcRequest {
  return { jsonrpc: '2.0', id, method, params: { ...params } }
}

export function initializeParams(name: string): object {
  return { protocolVersion, capabilities: {}, clientInfo: { name, version: '1.0.0' } }
}

export const initializedNotification = { jsonrpc: '2.0', method: 'notifications/initialized' } as const

/**
 * The result of a response. Throws an Error when it answers another request, and what {@link errorFor} makes of an
 * error that it holds.
 */
export function resultOf(response: RpcResponse, request: RpcRequest): Record<string, unknown> {
  const { id, error } = response
  if (error && (id === request.id || id === null)) throw errorFor(error.message, error.code)
  if (id !== request.id) throw new Error(`${request.method} ${request.id} was answered with the answer to ${id}`)
  return response.result ?? {}
}

/** Reads the result of `tools/call`. */
export function toolAnswer(result: Record<string, unknown>): ToolAnswer {
  const content = (result.content ?? []) as { text?: string }[]
  return {
    isError: result.isError === true,
    text: content.map(({ text }) => text ?? '').join('\n'),
    structured: (result.structuredContent ?? {}) as Record<string, unknown>,
  }
}
