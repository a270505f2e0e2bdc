import { AsyncResource } from 'node:async_hooks'
import type { Lane } from '../core/lane.ts'
import { Lane as EventLane } from '../core/lane.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { refuseUse } from '../refuse.ts'
import { signal } from './cargo.ts'
import { Outgoing, type StreamRequest } from './outgoing.ts'
import type { SimLink } from './sim-link.ts'
import { StreamHandle } from './stream-handle.ts'
import { uvCode } from './uv-codes.ts'
import type { Wire } from './wire.ts'

/** Where one end of a connection is. */
export interface SocketAddress {
  address: string
  family: 'IPv4' | 'IPv6'
  port: number
}

/** A connect request of net.Socket. */
export interface ConnectRequest {
  oncomplete(status: number, handle: unknown, request: ConnectRequest, readable: boolean, writable: boolean): void
}

/**
 * One end of a simulated connection: what libuv and the kernel are to `net.Socket`. Everything above it (`net`, `http`,
 * `ws`, …) is Node's own code, unmodified, so that its behaviour and its errors are the real ones.
 *
 * An end receives what its peer sends through one lane, its inbox: first the connection itself, then bytes, then a FIN.
 * An RST has a lane of its own, for it may overtake bytes that are still on their way.
 */
export class SocketHandle extends StreamHandle {
  readonly id: string
  readonly node: SimNode
  /** The async context of the connection, in which everything that arrives runs. */
  readonly resource: AsyncResource
  local: SocketAddress | undefined
  remote: SocketAddress | undefined
  /** The connection between this end and its peer, for faults; undefined until there is one. */
  link: SimLink | undefined
  readonly #simulation: Simulation
  #inbox: Lane | undefined
  #resets: Lane | undefined
  #completions: Lane | undefined
  #peer: SocketHandle | undefined
  #outgoing: Outgoing | undefined
  /** What this end sends goes this way. */
  #wire: Wire | undefined
  /** Whether the process has learnt of the connection; before that, nothing is read. */
  #isOpen = false
  #isFlowing = false
  #isClosing = false
  #hasEnded = false
  #brokenBy = 0
  #hasSentReset = false
  #isFinComing = false
  #isResetComing = false

  constructor(simulation: Simulation, id: string, node: SimNode) {
    super()
    this.#simulation = simulation
    this.id = id
    this.node = node
    this.resource = new AsyncResource('TCPWRAP', { requireManualDestroy: true })
  }

  // What net.Socket calls: the surface of the native TCP handle.

  connect(request: ConnectRequest, address: string, port?: number): number {
    return this.#simulation.network.connect(this, request, address, port)
  }

  connect6(request: ConnectRequest, address: string, port: number): number {
    return this.connect(request, address, port)
  }

  bind(address: string, port: number): number {
    this.local = { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port }
    return 0
  }

  bind6(address: string, port: number): number {
    return this.bind(address, port)
  }

  open(): number {
    return refuseUse(this.#simulation, 'a socket over a file descriptor', 'fileDescriptors')
  }

  useUserBuffer(): void {
    refuseUse(this.#simulation, "net.Socket's option `onread`", 'onread')
  }

  readStart(): number {
    this.#isFlowing = true
    this.#updateFlow()
    return 0
  }

  readStop(): number {
    this.#isFlowing = false
    this.#updateFlow()
    return 0
  }

  shutdown(request: StreamRequest): number {
    if (this.#outgoing === undefined || this.#isClosing) return uvCode('ENOTCONN')
    this.#outgoing.end(request)
    return 0
  }

  close(onClosed?: () => void): void {
    this.#leave(this.#hasUnreadBytes())
    this.#pushClosed(onClosed)
  }

  reset(onClosed?: () => void): number {
    this.#leave(true)
    this.#pushClosed(onClosed)
    return 0
  }

  getpeername(out: Partial<SocketAddress>): number {
    return tell(this.remote, out)
  }

  getsockname(out: Partial<SocketAddress>): number {
    return tell(this.local, out)
  }

  get writeQueueSize(): number {
    return this.#outgoing?.pendingBytes ?? 0
  }

  setNoDelay(): number {
    return 0
  }

  setKeepAlive(): number {
    return 0
  }

  // What the network and the peer call.

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** Joins two ends. What this end gets arrives in `inbox`. */
  join(peer: SocketHandle, inbox: Lane, peerInbox: Lane, wire: Wire): void {
    this.#peer = peer
    this.#inbox = inbox
    this.#wire = wire
    this.#completions = new EventLane(`${this.id}:${this.node.name} own`, this.node, 'poll')
    const lanes = { inbox: peerInbox, wire, completions: this.#completions }
    this.#outgoing = new Outgoing(this.#simulation, this, peer, lanes)
  }

  /** The process has learnt of the connection: from now on the inbox moves while the socket reads. */
  opened(): void {
    this.#isOpen = true
    this.#updateFlow()
  }

  override receive(bytes: Uint8Array): void {
    // Bytes for a socket that was closed are answered with an RST.
    if (this.#isClosing) this.sendReset()
    else super.receive(bytes)
  }

  override receiveEnd(): void {
    this.#hasEnded = true
    if (!this.#isClosing) super.receiveEnd()
  }

  /** Tells the peer that this end is gone. */
  sendReset(): void {
    const peer = this.#peer
    this.#simulation.touch(this.node.name)
    if (this.#hasSentReset || peer === undefined) return
    this.#wire?.send(
      signal('reset', () => {
        this.#hasSentReset = true
        peer.resetComes()
      }),
    )
  }

  /** A FIN has come to this end, behind the bytes that came before it. */
  endComes(): void {
    this.#simulation.touch(this.node.name)
    if (this.#inbox === undefined || this.#isFinComing) return
    this.#isFinComing = true
    this.#simulation.push(this.#inbox, {
      label: 'FIN',
      windowMs: this.#simulation.windowMs,
      resource: this.resource,
      run: () => this.receiveEnd(),
    })
  }

  /** An RST has come to this end; the process hears of it in its own time. */
  resetComes(): void {
    this.#simulation.touch(this.node.name)
    if (this.#isClosing || this.#isResetComing) return
    this.#isResetComing = true
    this.#resets ??= new EventLane(`${this.id}:${this.node.name} RST`, this.node, 'poll')
    this.#updateFlow()
    this.#simulation.push(this.#resets, {
      label: 'RST',
      windowMs: this.#simulation.windowMs,
      resource: this.resource,
      run: () => this.#receiveReset(),
    })
  }

  #receiveReset(): void {
    if (this.#isClosing) return
    // Linux tells a socket that has seen the peer's FIN of a broken pipe, any other of a reset.
    this.#brokenBy = uvCode(this.#hasEnded ? 'EPIPE' : 'ECONNRESET')
    if (this.#inbox !== undefined) this.#simulation.cancelAll(this.#inbox)
    if (this.#isFlowing) this.receiveFailure(this.#brokenBy)
    else this.#outgoing?.fail(this.#brokenBy)
  }

  protected override writeBytes(request: StreamRequest, bytes: Uint8Array): number {
    const outgoing = this.#outgoing
    if (outgoing === undefined || this.#isClosing) return uvCode('EBADF')
    if (this.#brokenBy !== 0) return this.#brokenBy
    if (this.#resetWaitsUnread()) return uvCode(this.#hasEnded ? 'EPIPE' : 'ECONNRESET')
    this.tellWritten(bytes, outgoing.write(request, bytes))
    this.#updateFlow()
    return 0
  }

  #leave(withReset: boolean): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#simulation.network.forget(this)
    if (withReset) this.sendReset()
    else if (this.#brokenBy === 0) this.#outgoing?.hangUp()
    this.#updateFlow()
  }

  #pushClosed(onClosed: (() => void) | undefined): void {
    this.#simulation.push(this.node.closings, {
      label: `close ${this.id}`,
      resource: this.resource,
      run: () => {
        this.#outgoing?.fail(uvCode('ECANCELED'))
        onClosed?.call(this)
      },
    })
  }

  /**
   * A socket that does not read is not told of anything, bytes, FIN or RST, unless it waits to write. What arrives at a
   * closed one is swallowed.
   */
  #updateFlow(): void {
    const simulation = this.#simulation
    const isStill = this.#isOpen && !this.#isFlowing && !this.#isClosing
    if (this.#inbox !== undefined) simulation.setBlocked(this.#inbox, isStill)
    const hearsResets = this.#isOpen && (!isStill || (this.#outgoing?.isWaiting ?? false))
    if (this.#resets !== undefined) simulation.setBlocked(this.#resets, !hearsResets)
  }

  #hasUnreadBytes(): boolean {
    if (!this.#isOpen || this.#inbox === undefined) return false
    for (const { bytes } of this.#inbox) if (bytes !== undefined) return true
    return false
  }

  #resetWaitsUnread(): boolean {
    return this.#resets?.blocked === true && !this.#resets.isEmpty
  }
}

/** One end of a connection by path. Like the native pipe it has no address and cannot be reset. */
export class PipeHandle extends SocketHandle {
  override getpeername(): number {
    return uvCode('ENOTSUP')
  }

  override getsockname(): number {
    return uvCode('ENOTSUP')
  }
}

function tell(address: SocketAddress | undefined, out: Partial<SocketAddress>): number {
  if (address === undefined) return uvCode('ENOTCONN')
  Object.assign(out, address)
  return 0
}
