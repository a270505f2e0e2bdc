import { AsyncResource } from 'node:async_hooks'
import { Lane } from '../core/lane.ts'
import type { Holding } from '../core/ledger.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import type { StreamRequest } from '../net/outgoing.ts'
import { StreamHandle } from '../net/stream-handle.ts'
import { uvCode } from '../net/uv-codes.ts'
import { Pipe } from './pipe.ts'

/**
 * One end of a pipe between a process and its child, held by one process: what libuv and the kernel are to the
 * `net.Socket` that Node makes of it. A process that inherits the end holds one of its own.
 */
export class PipeEnd extends StreamHandle implements Holding {
  readonly kind = 'pipe'
  readonly name: string
  readonly node: SimNode
  readonly resource = new AsyncResource('PIPEWRAP', { requireManualDestroy: true })
  readonly fd = -1
  incoming: Pipe | undefined
  outgoing: Pipe | undefined
  readonly #simulation: Simulation
  readonly #completions: Lane
  readonly #isLeftover: boolean
  #isFlowing = false
  #isClosed = false

  constructor(simulation: Simulation, name: string, node: SimNode, isLeftover: boolean) {
    super()
    this.#simulation = simulation
    this.name = name
    this.node = node
    this.#isLeftover = isLeftover
    this.#completions = new Lane(`${name}:${node.name} own`, node, 'poll')
    simulation.ledger.add(this)
  }

  get what(): string {
    return this.name
  }

  /** As in libuv, a pipe keeps its process alive while it reads or has something left to write. */
  get keepsAlive(): boolean {
    if (this.#isClosed || !this.hasRef()) return false
    return (this.#isFlowing && this.incoming?.hasEnded === false) || this.writeQueueSize > 0
  }

  get isLeftover(): boolean {
    return this.#isLeftover && !this.#isClosed
  }

  readStart(): number {
    if (this.incoming === undefined) return uvCode('ENOTCONN')
    this.#setFlowing(true)
    return 0
  }

  readStop(): number {
    this.#setFlowing(false)
    return 0
  }

  /** Ends the writing side once all is through, and says so. */
  shutdown(request: StreamRequest): number {
    const tell = () => this.complete('shut down', () => request.oncomplete(0, this, undefined))
    if (this.outgoing === undefined) tell()
    else this.outgoing.finish(this, tell)
    return 0
  }

  close(onClosed?: () => void): void {
    const lost = this.#release()
    this.#simulation.push(this.node.closings, {
      label: `close ${this.name}`,
      resource: this.resource,
      run: () => {
        for (const request of lost) request.oncomplete(uvCode('ECANCELED'), this, undefined)
        onClosed?.call(this)
      },
    })
  }

  /** The process has ended, and the kernel closes what it held. */
  abandon(): void {
    this.#release()
  }

  dispose(): void {
    this.#release()
  }

  /** What was written before the process ended still gets through, as writes to a pipe are synchronous; then it closes. */
  closeWhenThrough(onClosed: () => void): void {
    this.#simulation.ledger.remove(this)
    this.#isClosed = true
    this.incoming?.breakOff()
    if (this.outgoing === undefined) onClosed()
    else this.outgoing.finish(this, onClosed)
  }

  get writeQueueSize(): number {
    return this.outgoing?.pendingBytes(this) ?? 0
  }

  setBlocking(): number {
    return 0
  }

  /** Queues the completion of an operation of this end's own process. */
  complete(label: string, run: () => void): void {
    const { windowMs } = this.#simulation
    this.#simulation.push(this.#completions, { label, windowMs, resource: this.resource, run })
  }

  protected override writeBytes(request: StreamRequest, bytes: Uint8Array): number {
    const { outgoing } = this
    if (outgoing === undefined || this.#isClosed) return uvCode('EBADF')
    if (outgoing.isBroken) return uvCode('EPIPE')
    this.tellWritten(bytes, outgoing.write(this, request, bytes))
    return 0
  }

  #setFlowing(isFlowing: boolean): void {
    this.#isFlowing = isFlowing
    this.incoming?.setFlowing(isFlowing)
  }

  #release(): StreamRequest[] {
    if (this.#isClosed) return []
    this.#isClosed = true
    this.#simulation.ledger.remove(this)
    this.incoming?.breakOff()
    return this.outgoing?.removeWriter(this) ?? []
  }
}

/** A pipe from one end to another. What the reader gets arrives in the lane of that name. */
export function connectPipe(simulation: Simulation, name: string, writer: PipeEnd, reader: PipeEnd): void {
  const pipe = new Pipe(simulation, name, reader, writer)
  writer.outgoing = pipe
  reader.incoming = pipe
}
