import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { CloseReason, Sink } from './sink.ts'
import type { StreamEvent } from './stream-event.ts'

const closeCodes: Record<Exclude<CloseReason, 'dead-peer' | 'closed'>, number> = {
  complete: 1000,
  stopped: 1000,
  shutdown: 1001,
  malformed: 1008,
  'server-error': 1011,
  'slow-reader': 4008,
}

/** Events as JSON text frames over one WebSocket. */
export class WebSocketSink implements Sink {
  readonly transport = 'ws'
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  readonly #closeTimeoutMs: number
  #handedBytes = 0
  #heard = true

  constructor(webSocket: WebSocket, socket: Duplex, { closeTimeoutMs }: { closeTimeoutMs: number }) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#closeTimeoutMs = closeTimeoutMs
    webSocket.on('pong', () => this.#hear())
    webSocket.on('message', () => this.#hear())
  }

  get full(): boolean {
    return this.#socket.writableNeedDrain
  }

  get takenBytes(): number {
    return this.#handedBytes - this.#socket.writableLength
  }

  send(event: StreamEvent): void {
    this.#write(event.jsonFrame())
  }

  gap(from: number, to: number): void {
    this.#write(`{"type":"gap","data":{"from":${from},"to":${to}}}`)
  }

  /** Tells the client what is wrong with what it sent. */
  error(message: string): void {
    this.#write(JSON.stringify({ type: 'error', data: { message } }))
  }

  get alive(): boolean {
    return this.#heard
  }

  beat(): void {
    this.#heard = false
    this.#webSocket.ping()
  }

  close(reason: CloseReason): void {
    if (reason === 'dead-peer') {
      this.#webSocket.terminate()
      return
    }
    const timer = setTimeout(() => this.#webSocket.terminate(), this.#closeTimeoutMs)
    this.#webSocket.once('close', () => clearTimeout(timer))
    if (reason === 'closed') this.#webSocket.close()
    else this.#webSocket.close(closeCodes[reason], reason)
  }

  onDrain(listener: () => void): void {
    this.#socket.on('drain', listener)
  }

  onClose(listener: () => void): void {
    this.#webSocket.once('close', listener)
  }

  #hear(): void {
    this.#heard = true
  }

  #write(frame: string): void {
    this.#handedBytes += Buffer.byteLength(frame)
    this.#webSocket.send(frame)
  }
}
