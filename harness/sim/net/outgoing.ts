import type { SimEvent } from '../core/event.ts'
import type { Lane } from '../core/lane.ts'
import type { Simulation } from '../core/simulation.ts'
import { signal } from './cargo.ts'
import type { SocketHandle } from './socket-handle.ts'
import type { Wire } from './wire.ts'

/** What the kernel holds for one direction of a connection before the sender has to wait. */
export const bufferBytes = 64 * 1024

/** A request object of Node's stream code: it wants to hear how its operation ended. */
export interface StreamRequest {
  oncomplete(status: number, handle: unknown, error?: unknown): void
}

interface PendingWrite {
  readonly request: StreamRequest
  rest: Uint8Array
}

/**
 * The sending half of one end of a connection.
 *
 * Bytes that fit into the kernel's buffer are on their way at once. The rest waits here; each time the peer reads, the
 * sender learns that there is room, sends on, and completes the writes that are through.
 */
export class Outgoing {
  readonly #simulation: Simulation
  /** The peer's inbox: what is sent arrives there, in order. */
  readonly #lane: Lane
  /** The way there. */
  readonly #wire: Wire
  /** Where the sender's own completions happen. */
  readonly #completions: Lane
  readonly #owner: SocketHandle
  readonly #peer: SocketHandle
  readonly #pending: PendingWrite[] = []
  #inFlightBytes = 0
  #end: StreamRequest | undefined
  #wakes = false
  isEnded = false

  constructor(
    simulation: Simulation,
    owner: SocketHandle,
    peer: SocketHandle,
    lanes: { inbox: Lane; wire: Wire; completions: Lane },
  ) {
    this.#simulation = simulation
    this.#owner = owner
    this.#peer = peer
    this.#lane = lanes.inbox
    this.#wire = lanes.wire
    this.#completions = lanes.completions
  }

  get pendingBytes(): number {
    return this.#pending.reduce((sum, { rest }) => sum + rest.length, 0)
  }

  get isWaiting(): boolean {
    return this.#pending.length > 0
  }

  /** Sends bytes; returns whether all of them are on their way. Otherwise the request completes later. */
  write(request: StreamRequest, bytes: Uint8Array): boolean {
    const taken = this.isWaiting ? 0 : this.#transmit(bytes)
    if (taken === bytes.length) return true
    this.#pending.push({ request, rest: bytes.subarray(taken) })
    return false
  }

  /** Sends a FIN once everything written before it is on its way. */
  end(request: StreamRequest): void {
    this.#end = request
    if (!this.isWaiting) this.#finish()
  }

  /** Sends a FIN without anybody waiting for it, unless one was sent before. What is still pending is lost. */
  hangUp(): void {
    if (!this.isEnded) this.#sendFin()
  }

  /** Ends all that waits, with an error. */
  fail(status: number): void {
    const requests = [...this.#pending.splice(0).map(({ request }) => request), ...(this.#end ? [this.#end] : [])]
    this.#end = undefined
    for (const request of requests) request.oncomplete(status, this.#owner, undefined)
  }

  #transmit(bytes: Uint8Array): number {
    const size = Math.min(bytes.length, bufferBytes - this.#inFlightBytes)
    // How much there is room for depends on what the peer has read.
    if (size < bytes.length) this.#simulation.touch(this.#peer.node.name)
    if (size <= 0) return 0
    const chunk = size === bytes.length ? bytes : bytes.slice(0, size)
    this.#inFlightBytes += size
    if (this.#wire.letsThrough()) this.#deliver(chunk)
    else this.#wire.send({ kind: 'bytes', bytes: chunk, arrive: (bytes) => this.#deliver(bytes) })
    return size
  }

  #deliver(bytes: Uint8Array): void {
    // Its process has ended; the kernel answers for it.
    if (this.#peer.node.hasEnded) {
      this.#peer.sendReset()
      return
    }
    const event = this.#simulation.push(this.#lane, {
      label: 'data',
      bytes,
      windowMs: this.#simulation.windowMs,
      resource: this.#peer.resource,
      run: () => this.#arrive(event),
    })
  }

  #arrive(event: SimEvent): void {
    const bytes = this.#isOneProcess() ? this.#joined(event) : (event.bytes as Uint8Array)
    this.#inFlightBytes -= bytes.length
    if (this.isWaiting) this.#wake()
    this.#wire.hasRead()
    this.#peer.receive(bytes)
  }

  /**
   * Between two processes a read may happen between two writes. Within one process it cannot: when the loop gets to
   * read, everything that was written is there, and one read takes it all.
   */
  #joined(first: SimEvent): Uint8Array {
    const parts = [first.bytes as Uint8Array]
    let size = parts[0]?.length ?? 0
    for (;;) {
      const next = this.#lane.head
      if (next?.bytes === undefined || size + next.bytes.length > bufferBytes) break
      this.#simulation.takeHead(this.#lane)
      this.#simulation.trace?.joined(next)
      parts.push(next.bytes)
      size += next.bytes.length
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  }

  #isOneProcess(): boolean {
    return this.#lane.node === this.#completions.node
  }

  #wake(): void {
    if (this.#wakes) return
    this.#wakes = true
    this.#simulation.push(this.#completions, {
      label: 'writable',
      windowMs: this.#simulation.windowMs,
      resource: this.#owner.resource,
      run: () => this.#flush(),
    })
  }

  #flush(): void {
    this.#wakes = false
    for (let write = this.#pending[0]; write !== undefined; write = this.#pending[0]) {
      const taken = this.#transmit(write.rest)
      if (taken < write.rest.length) {
        write.rest = write.rest.subarray(taken)
        break
      }
      this.#pending.shift()
      write.request.oncomplete(0, this.#owner, undefined)
    }
    if (this.#end !== undefined && !this.isWaiting && !this.isEnded) this.#finish()
  }

  #finish(): void {
    this.#sendFin()
    this.#simulation.push(this.#completions, {
      label: 'shut down',
      windowMs: this.#simulation.windowMs,
      resource: this.#owner.resource,
      run: () => {
        const request = this.#end
        this.#end = undefined
        request?.oncomplete(0, this.#owner, undefined)
      },
    })
  }

  #sendFin(): void {
    this.isEnded = true
    this.#wire.send(signal('end', () => this.#peer.endComes()))
  }
}
