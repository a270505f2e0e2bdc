import { AsyncResource } from 'node:async_hooks'
import { isIPv6 } from 'node:net'
import type { EventOptions } from '../core/event.ts'
import { Lane } from '../core/lane.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import { signal } from './cargo.ts'
import { ListenHandle } from './listen-handle.ts'
import { SimLink } from './sim-link.ts'
import { type ConnectRequest, PipeHandle, SocketHandle } from './socket-handle.ts'
import { uvCode } from './uv-codes.ts'
import { Wire } from './wire.ts'

const firstEphemeralPort = 40_001

/** The one machine on which all processes of a schedule run: its ports, and the connections between them. */
export class Network {
  readonly #simulation: Simulation
  /** By port, or by path. */
  readonly #listeners = new Map<number | string, ListenHandle>()
  readonly #sockets = new Set<SocketHandle>()
  readonly #links = new Set<SimLink>()
  readonly #linkListeners = new Set<(link: SimLink) => void>()
  #nextPort = firstEphemeralPort

  constructor(simulation: Simulation) {
    this.#simulation = simulation
  }

  /** What is open: connections first, in the order in which they were made. */
  get open(): readonly (SocketHandle | ListenHandle)[] {
    return [...this.#sockets, ...this.#listeners.values()]
  }

  /** Whether something is open that would keep a real process alive. */
  get hasRefs(): boolean {
    return this.open.some((handle) => handle.hasRef())
  }

  tcpHandle(): SocketHandle {
    return this.#noted(
      new SocketHandle(this.#simulation, `c${this.#simulation.count('connection')}`, this.#simulation.node),
    )
  }

  pipeHandle(): PipeHandle {
    return this.#noted(
      new PipeHandle(this.#simulation, `c${this.#simulation.count('connection')}`, this.#simulation.node),
    )
  }

  /** A socket that is going to listen. Port 0 means a free one. */
  tcpListener(address: string, port: number): ListenHandle {
    const family = isIPv6(address) ? 'IPv6' : 'IPv4'
    return new ListenHandle(this.#simulation, { address, family, port: port === 0 ? this.#freePort() : port })
  }

  pathListener(path: string): ListenHandle {
    return new ListenHandle(this.#simulation, { path })
  }

  listen(listener: ListenHandle): number {
    this.#simulation.touch('open ports')
    const place = placeOf(listener)
    if (this.#listeners.has(place)) return uvCode('EADDRINUSE')
    this.#listeners.set(place, listener)
    return 0
  }

  forgetListener(listener: ListenHandle): void {
    this.#simulation.touch('open ports')
    if (this.#listeners.get(placeOf(listener)) === listener) this.#listeners.delete(placeOf(listener))
  }

  forget(socket: SocketHandle): void {
    this.#sockets.delete(socket)
    if (socket.link?.isOver) this.#links.delete(socket.link)
  }

  /** Calls back for every connection that is open now or will be, before anything travels on it; returns what ends that. */
  onLink(listener: (link: SimLink) => void): () => void {
    this.#simulation.touchEverything()
    this.#linkListeners.add(listener)
    for (const link of this.#links) listener(link)
    return () => void this.#linkListeners.delete(listener)
  }

  /**
   * Connects. On one machine the kernels' handshake is over when `connect` returns; what comes later, each in its own
   * time, is that the two processes learn of it.
   */
  connect(client: SocketHandle, request: ConnectRequest, address: string, port: number | undefined): number {
    this.#simulation.touch('open ports')
    if (port !== undefined && !isLoopback(address)) return uvCode('ENETUNREACH')
    if (port !== undefined) this.#nameClient(client, address, port)
    this.#sockets.add(client)
    const listener = this.#listeners.get(port ?? address)
    if (listener === undefined) this.#refuse(client, request, port === undefined ? 'ENOENT' : 'ECONNREFUSED')
    else this.#join(client, request, listener)
    return 0
  }

  #join(client: SocketHandle, request: ConnectRequest, listener: ListenHandle): void {
    const server = this.#serverEnd(client, listener)
    const toServer = this.#lane(client.id, client.node, '→', listener.node, listener.node)
    const toClient = this.#lane(client.id, client.node, '←', listener.node, client.node)
    const link = new SimLink(client, server, {
      up: new Wire(this.#simulation, toServer.key),
      down: new Wire(this.#simulation, toClient.key),
    })
    client.join(server, toClient, toServer, link.up)
    server.join(client, toServer, toClient, link.down)
    listener.enqueue(server)
    this.#simulation.openings.noteFor(server, listener)
    this.#sockets.add(server)
    this.#announce(link)
    const accept = () => listener.accept(server)
    this.#shakeHands(link.up, toServer, { label: 'accept', resource: listener.resource, run: accept })
    const resource = new AsyncResource('TCPCONNECTWRAP', { requireManualDestroy: true })
    this.#shakeHands(link.down, toClient, { label: 'connect', resource, run: () => connected(client, request) })
  }

  #noted<H extends SocketHandle>(handle: H): H {
    this.#simulation.openings.note(handle)
    return handle
  }

  #shakeHands(wire: Wire, inbox: Lane, event: EventOptions): void {
    const { windowMs } = this.#simulation
    wire.send(signal('handshake', () => void this.#simulation.push(inbox, { windowMs, ...event })))
  }

  #announce(link: SimLink): void {
    this.#links.add(link)
    for (const listener of this.#linkListeners) listener(link)
  }

  #refuse(client: SocketHandle, request: ConnectRequest, code: string): void {
    const lane = new Lane(`${client.id}:${client.node.name}`, client.node, 'poll')
    this.#simulation.push(lane, {
      label: code,
      windowMs: this.#simulation.windowMs,
      run: () => {
        if (!client.isClosing) request.oncomplete(uvCode(code), client, request, false, false)
      },
    })
  }

  #nameClient(client: SocketHandle, address: string, port: number): void {
    const family = isIPv6(address) ? 'IPv6' : 'IPv4'
    client.remote = { address, family, port }
    if (client.local === undefined || client.local.port === 0)
      client.local = { address, family, port: this.#freePort() }
  }

  #serverEnd(client: SocketHandle, listener: ListenHandle): SocketHandle {
    const { remote, local } = client
    if (remote === undefined || local === undefined) {
      return new PipeHandle(this.#simulation, `${client.id}'`, listener.node)
    }
    const server = new SocketHandle(this.#simulation, `${client.id}'`, listener.node)
    // A server on `::` sees IPv4 clients by their mapped addresses.
    const mapped = 'address' in listener.local && listener.local.family === 'IPv6' && remote.family === 'IPv4'
    const seen = (end: typeof remote) =>
      mapped ? { ...end, address: `::ffff:${end.address}`, family: 'IPv6' as const } : end
    server.local = seen(remote)
    server.remote = seen(local)
    return server
  }

  #lane(id: string, client: SimNode, arrow: string, server: SimNode, receiver: SimNode): Lane {
    return new Lane(`${id}:${client.name}${arrow}${server.name}`, receiver, 'poll')
  }

  #freePort(): number {
    this.#simulation.touch('open ports')
    while (this.#listeners.has(this.#nextPort)) this.#nextPort++
    return this.#nextPort++
  }
}

function connected(client: SocketHandle, request: ConnectRequest): void {
  if (client.isClosing) return
  client.opened()
  request.oncomplete(0, client, request, true, true)
}

function placeOf({ local }: ListenHandle): number | string {
  return 'path' in local ? local.path : local.port
}

function isLoopback(address: string): boolean {
  return /^127\.|^::1$|^0\.0\.0\.0$|^::$|^::ffff:127\./.test(address)
}
