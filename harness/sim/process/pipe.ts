import type { SimEvent } from '../core/event.ts'
import { Lane } from '../core/lane.ts'
import type { Simulation } from '../core/simulation.ts'
import { bufferBytes, type StreamRequest } from '../net/outgoing.ts'
import { uvCode } from '../net/uv-codes.ts'
import type { PipeEnd } from './pipe-end.ts'

interface PendingWrite {
  readonly writer: PipeEnd
  readonly request: StreamRequest
  rest: Uint8Array
}

/**
 * One direction of a pipe between processes: one reader, and as many writers as have inherited the other end. Bytes lie in
 * the kernel's buffer from the moment they are written, so that a read takes all that is there. The end comes when the
 * last writer has closed.
 */
export class Pipe {
  readonly #simulation: Simulation
  readonly #lane: Lane
  readonly #reader: PipeEnd
  readonly #writers = new Set<PipeEnd>()
  readonly #pending: PendingWrite[] = []
  /** Writers that close when all they have written is through, and who wants to know. */
  readonly #finishing = new Map<PipeEnd, () => void>()
  #bufferedBytes = 0
  #wakes = false
  #isBroken = false
  #hasEnded = false

  constructor(simulation: Simulation, name: string, reader: PipeEnd, writer: PipeEnd) {
    this.#simulation = simulation
    this.#reader = reader
    this.#writers.add(writer)
    this.#lane = new Lane(name, reader.node, 'poll')
    simulation.setBlocked(this.#lane, true)
  }

  /** Whether nobody can read any more. */
  get isBroken(): boolean {
    this.#touch()
    return this.#isBroken
  }

  /** Whether the reader has read to the end. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  pendingBytes(writer: PipeEnd): number {
    return this.#pending.reduce((sum, write) => (write.writer === writer ? sum + write.rest.length : sum), 0)
  }

  /** Another process holds the writing end too. */
  addWriter(writer: PipeEnd): void {
    this.#writers.add(writer)
  }

  /** Returns whether all bytes fitted into the buffer. Otherwise the request completes when the rest does. */
  write(writer: PipeEnd, request: StreamRequest, bytes: Uint8Array): boolean {
    this.#touch()
    const taken = this.#pending.length > 0 ? 0 : this.#buffer(bytes)
    if (taken === bytes.length) return true
    this.#pending.push({ writer, request, rest: bytes.subarray(taken) })
    return false
  }

  setFlowing(isFlowing: boolean): void {
    this.#simulation.setBlocked(this.#lane, !isFlowing)
  }

  /** Closes a writing end once all it has written lies in the buffer. */
  finish(writer: PipeEnd, onFinished: () => void): void {
    this.#touch()
    this.#finishing.set(writer, onFinished)
    this.#finishIfThrough(writer)
  }

  /** Closes a writing end now; returns what it had not got rid of. */
  removeWriter(writer: PipeEnd): StreamRequest[] {
    this.#touch()
    const lost = this.#takePending(({ writer: other }) => other === writer)
    this.#finishing.delete(writer)
    if (this.#writers.delete(writer) && this.#writers.size === 0) this.#sendEnd()
    return lost
  }

  /** The reader has closed: who writes gets an EPIPE from now on. */
  breakOff(): void {
    this.#touch()
    if (this.#isBroken) return
    this.#isBroken = true
    this.#simulation.cancelAll(this.#lane)
    for (const { writer, request } of this.#pending.splice(0)) {
      writer.complete('broken pipe', () => request.oncomplete(uvCode('EPIPE'), writer, undefined))
    }
    for (const writer of [...this.#finishing.keys()]) this.#finishIfThrough(writer)
  }

  /** Both ends look at the buffer, so that the order in which they do matters. */
  #touch(): void {
    this.#simulation.touch(this.#lane.key)
  }

  #takePending(isTaken: (write: PendingWrite) => boolean): StreamRequest[] {
    const taken = this.#pending.filter(isTaken)
    for (const write of taken) this.#pending.splice(this.#pending.indexOf(write), 1)
    return taken.map(({ request }) => request)
  }

  #buffer(bytes: Uint8Array): number {
    const size = Math.min(bytes.length, bufferBytes - this.#bufferedBytes)
    if (size <= 0) return 0
    this.#bufferedBytes += size
    const event = this.#simulation.push(this.#lane, {
      label: 'data',
      bytes: size === bytes.length ? bytes : bytes.slice(0, size),
      windowMs: this.#simulation.windowMs,
      resource: this.#reader.resource,
      run: () => this.#arrive(event),
    })
    return size
  }

  #arrive(event: SimEvent): void {
    this.#touch()
    const bytes = this.#joined(event)
    this.#bufferedBytes -= bytes.length
    if (this.#pending.length > 0) this.#wake()
    this.#reader.receive(bytes)
  }

  /** What was written before the read is part of it. */
  #joined(first: SimEvent): Uint8Array {
    const parts = [first.bytes as Uint8Array]
    for (let next = this.#lane.head; next?.bytes !== undefined; next = this.#lane.head) {
      this.#simulation.takeHead(this.#lane)
      this.#simulation.trace?.joined(next)
      parts.push(next.bytes)
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  }

  /** Tells the writer whose turn it is that there is room. The kernel itself writes on for one whose process has ended. */
  #wake(): void {
    const writer = this.#pending[0]?.writer
    if (writer === undefined || this.#wakes) return
    if (writer.node.hasEnded) {
      this.#flush(writer)
      return
    }
    this.#wakes = true
    writer.complete('writable', () => {
      this.#wakes = false
      this.#flush(writer)
    })
  }

  #flush(writer: PipeEnd): void {
    for (let write = this.#pending[0]; write?.writer === writer; write = this.#pending[0]) {
      const taken = this.#buffer(write.rest)
      if (taken < write.rest.length) {
        write.rest = write.rest.subarray(taken)
        return
      }
      this.#pending.shift()
      if (!writer.node.hasEnded) write.request.oncomplete(0, writer, undefined)
    }
    this.#finishIfThrough(writer)
    this.#wake()
  }

  #finishIfThrough(writer: PipeEnd): void {
    const onFinished = this.#finishing.get(writer)
    if (onFinished === undefined || this.#pending.some((write) => write.writer === writer)) return
    this.removeWriter(writer)
    onFinished()
  }

  #sendEnd(): void {
    if (this.#isBroken) return
    this.#simulation.push(this.#lane, {
      label: 'end',
      windowMs: this.#simulation.windowMs,
      resource: this.#reader.resource,
      run: () => {
        this.#hasEnded = true
        this.#reader.receiveEnd()
      },
    })
  }
}
