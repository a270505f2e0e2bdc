import { once } from 'node:events'
import WebSocket from 'ws'

/** How long the target may take for an answer; it answers when its event loop turns. */
const answerTimeoutMs = 15_000

interface Pending {
  resolve(result: unknown): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

/** A message without an `id` is an event. */
interface Message {
  id?: number
  method?: string
  params?: unknown
  result?: unknown
  error?: { message: string }
}

/** A connection to a process's debugger, over the Chrome DevTools protocol. */
export class Inspector {
  readonly #socket: WebSocket
  readonly #timeoutMs: number
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Set<(method: string, params: unknown) => void>()
  #sent = 0
  /** It answers in order: until an answer that was given up has come, nobody need wait for another. */
  #isMute = false

  private constructor(socket: WebSocket, timeoutMs: number) {
    this.#socket = socket
    this.#timeoutMs = timeoutMs
    socket.on('message', (text) => this.#receive(JSON.parse(String(text)) as Message))
    socket.on('error', () => {})
    socket.on('close', () => this.#abandon())
  }

  /** Connects to the debugger at this address (`ws://127.0.0.1:4711/…`). Throws when it does not let us in. */
  static async connect(url: string, timeoutMs = answerTimeoutMs): Promise<Inspector> {
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: timeoutMs })
    await once(socket, 'open')
    const inspector = new Inspector(socket, timeoutMs)
    // A process that exits waits for its debugger to leave. Ours leaves as soon as it hears of it.
    inspector.#listeners.add((method) => {
      if (method === 'NodeRuntime.waitingForDisconnect') inspector.close()
    })
    await inspector.send('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true })
    return inspector
  }

  /**
   * Calls a method of the protocol. Throws when the debugger refuses, is gone, or does not answer in time; at once while it
   * has not answered what was asked before in its time.
   */
  send<Result>(method: string, params: object = {}): Promise<Result> {
    const id = ++this.#sent
    return new Promise<Result>((resolve, reject) => {
      if (this.#socket.readyState !== WebSocket.OPEN) return reject(new Error('the debugger has disconnected'))
      if (this.#isMute) return reject(new Error(`the target was not asked for ${method}: it has not answered before`))
      const timer = setTimeout(() => this.#giveUp(id, method), this.#timeoutMs)
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject, timer })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  /** Calls `run`, and returns the parameters of the events of this kind that came meanwhile. */
  async during<Params>(event: string, run: () => Promise<unknown>): Promise<Params[]> {
    const seen: Params[] = []
    const listener = (method: string, params: unknown) => {
      if (method === event) seen.push(params as Params)
    }
    this.#listeners.add(listener)
    try {
      await run()
    } finally {
      this.#listeners.delete(listener)
    }
    return seen
  }

  close(): void {
    this.#socket.terminate()
  }

  #giveUp(id: number, method: string): void {
    this.#isMute = true
    this.#settle(id)?.reject(new Error(`the target did not answer ${method} within ${this.#timeoutMs} ms`))
  }

  #receive({ id, method, params, result, error }: Message): void {
    this.#isMute = false
    if (id === undefined) {
      for (const listener of this.#listeners) listener(method as string, params)
      return
    }
    const pending = this.#settle(id)
    if (error) pending?.reject(new Error(error.message))
    else pending?.resolve(result)
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    clearTimeout(pending?.timer)
    this.#pending.delete(id)
    return pending
  }

  #abandon(): void {
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new Error('the debugger has disconnected'))
  }
}
