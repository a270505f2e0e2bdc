import {
  initializedNotification,
  initializeParams,
  type RpcRequest,
  type RpcResponse,
  resultOf,
  rpcRequest,
  type ToolAnswer,
  type ToolCaller,
  toolAnswer,
} from './json-rpc.ts'

/** A pipe of lines to and from a server, which several callers may share. */
export interface Lines {
  send(line: string): void
  /** Calls back for every line; returns what ends it. */
  onLine(listener: (line: string) => void): () => void
}

/**
 * Calls tools over stdio. Callers that share the pipe tell their answers from others' by request ids, which carry the
 * caller's name.
 */
export class LineCaller implements ToolCaller {
  readonly #lines: Lines
  readonly #name: string
  readonly #pending = new Map<string, (response: RpcResponse) => void>()
  /** The one initialization, which calls that come meanwhile wait for too. */
  #opening: Promise<void> | null = null
  #stopListening: () => void = () => {}
  #requests = 0

  constructor(lines: Lines, name: string) {
    this.#lines = lines
    this.#name = name
  }

  async call(tool: string, input: object, signal: AbortSignal): Promise<ToolAnswer> {
    await this.#open(signal)
    return toolAnswer(await this.#ask('tools/call', { name: tool, arguments: input }, signal))
  }

  /** Stops listening. Over stdio, the session ends with the pipe, which is not ours to end. */
  async close(): Promise<void> {
    this.#stopListening()
    this.#opening = null
  }

  #open(signal: AbortSignal): Promise<void> {
    this.#opening ??= this.#initialize(signal).catch((error) => {
      this.#stopListening()
      this.#opening = null
      throw error
    })
    return this.#opening
  }

  async #initialize(signal: AbortSignal): Promise<void> {
    this.#stopListening = this.#lines.onLine((line) => this.#receive(line))
    await this.#ask('initialize', initializeParams(this.#name), signal)
    this.#lines.send(JSON.stringify(initializedNotification))
  }

  async #ask(method: string, params: object, signal: AbortSignal): Promise<Record<string, unknown>> {
    const request = rpcRequest(`${this.#name}-${++this.#requests}`, method, params)
    return resultOf(await this.#answerTo(request, signal), request)
  }

  #answerTo(request: RpcRequest, signal: AbortSignal): Promise<RpcResponse> {
    return new Promise((resolve, reject) => {
      const abandon = () => {
        this.#pending.delete(request.id)
        reject(signal.reason)
      }
      if (signal.aborted) return abandon()
      signal.addEventListener('abort', abandon, { once: true })
      this.#pending.set(request.id, (response) => {
        signal.removeEventListener('abort', abandon)
        resolve(response)
      })
      this.#lines.send(JSON.stringify(request))
    })
  }

  #receive(line: string): void {
    const response = parsed(line)
    const id = String(response?.id)
    const answered = this.#pending.get(id)
    if (response === null || answered === undefined) return
    this.#pending.delete(id)
    answered(response)
  }
}

/** The message in a line; null for a line that is none, which is another program's business. */
function parsed(line: string): RpcResponse | null {
  try {
    return JSON.parse(line) as RpcResponse
  } catch {
    return null
  }
}
