import { AsyncResource } from 'node:async_hooks'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { NativeHandle } from './native-handle.ts'
import type { SocketAddress, SocketHandle } from './socket-handle.ts'

/** A simulated listening socket: what libuv and the kernel are to `net.Server`. */
export class ListenHandle extends NativeHandle {
  readonly node: SimNode
  readonly resource: AsyncResource
  /** Where it listens; a path has no port. */
  readonly local: SocketAddress | { path: string }
  /** Set by net.Server. */
  onconnection: (this: ListenHandle, status: number, connection: SocketHandle) => void = ignore
  readonly #simulation: Simulation
  /** Connections that the kernel has made but the server has not accepted yet. */
  readonly #backlog = new Set<SocketHandle>()
  #isClosed = false

  constructor(simulation: Simulation, local: SocketAddress | { path: string }) {
    super()
    this.#simulation = simulation
    this.node = simulation.node
    this.local = local
    this.resource = new AsyncResource('TCPSERVERWRAP', { requireManualDestroy: true })
    // Like the native handles: servers on a path have no address to tell.
    if ('path' in local) this.getsockname = undefined
  }

  /** Returns libuv's error when the address is taken. */
  listen(_backlog: number): number {
    return this.#simulation.network.listen(this)
  }

  close(onClosed?: () => void): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#simulation.network.forgetListener(this)
    for (const connection of this.#backlog) connection.reset()
    this.#simulation.push(this.node.closings, {
      label: 'close server',
      resource: this.resource,
      run: () => onClosed?.call(this),
    })
  }

  getsockname?(out: Partial<SocketAddress>): number {
    Object.assign(out, this.local)
    return 0
  }

  /** Puts a connection into the backlog; it is reset when the server closes before it accepts. */
  enqueue(connection: SocketHandle): void {
    this.#backlog.add(connection)
  }

  accept(connection: SocketHandle): void {
    this.#backlog.delete(connection)
    if (connection.isClosing) return
    connection.opened()
    this.onconnection(0, connection)
  }
}

function ignore(): void {}
