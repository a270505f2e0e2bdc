import type { ServerResponse } from 'node:http'
import type { CloseReason, Sink } from './sink.ts'
import type { StreamEvent } from './stream-event.ts'

const silentReasons: ReadonlySet<CloseReason> = new Set<CloseReason>(['complete', 'stopped', 'closed'])

/** Server-sent events over one HTTP response. */
export class SseSink implements Sink {
  readonly transport = 'sse'
  readonly #response: ServerResponse
  readonly #closeTimeoutMs: number
  #handedBytes = 0
  #takenAtLastBeat = 0

  constructor(response: ServerResponse, { closeTimeoutMs }: { closeTimeoutMs: number }) {
    this.#response = response
    this.#closeTimeoutMs = closeTimeoutMs
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    this.#write('retry: 1000\n\n')
  }

  get full(): boolean {
    return this.#response.writableNeedDrain
  }

  get takenBytes(): number {
    return this.#handedBytes - this.#response.writableLength
  }

  send(event: StreamEvent): void {
    this.#write(event.sseFrame())
  }

  gap(from: number, to: number): void {
    this.#write(`event: gap\ndata: {"from":${from},"to":${to}}\n\n`)
  }

  // A client sends nothing on this connection, so its sign of life is that it takes what it is sent.
  get alive(): boolean {
    return this.#response.writableLength === 0 || this.takenBytes > this.#takenAtLastBeat
  }

  beat(): void {
    this.#takenAtLastBeat = this.takenBytes
    if (!this.full) this.#write(': beat\n\n')
  }

  close(reason: CloseReason): void {
    if (reason === 'dead-peer') {
      this.#response.destroy()
      return
    }
    if (!silentReasons.has(reason)) this.#write(`event: disconnected\ndata: {"reason":"${reason}"}\n\n`)
    const timer = setTimeout(() => this.#response.destroy(), this.#closeTimeoutMs)
    this.#response.once('close', () => clearTimeout(timer))
    this.#response.end()
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener)
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener)
  }

  #write(frame: string): void {
    this.#handedBytes += Buffer.byteLength(frame)
    this.#response.write(frame)
  }
}
