import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Random } from '../../random.ts'
import { Link } from './link.ts'

/** Where the target listens. */
export interface Address {
  host: string
  port: number
}

/** Called for every link when both are known: the link and, if one has claimed it, the client whose connection it is. */
export type LinkListener = (link: Link, client: string | null) => void

/**
 * A TCP proxy in front of the target. Every connection through it is a {@link Link} that faults can hit.
 *
 * A link is known by the port from which the client connects to the proxy: the client's socket calls it its local port,
 * the proxy's its remote port. A client claims its port when its socket is connected, which is before the proxy has
 * reached the target, so that a fault meets a claimed link before its first byte passes.
 */
export class FaultProxy {
  readonly #server: Server
  readonly #upstream: () => Address
  readonly #random: Random
  readonly #links = new Map<number, Link>()
  readonly #owners = new Map<number, string>()
  readonly #sockets = new Set<Socket>()
  readonly #awaiting = new Map<number, ((link: Link) => void)[]>()
  readonly #listeners = new Set<LinkListener>()
  #opened = 0

  private constructor(upstream: () => Address, random: Random) {
    this.#upstream = upstream
    this.#random = random
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
  }

  /** Starts a proxy on a free port of the loopback interface; `upstream` is asked for each connection anew. */
  static async start(upstream: () => Address, random: Random): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream, random)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Calls back for every link that is open now or will be; returns what ends it. */
  onLink(listener: LinkListener): () => void {
    this.#listeners.add(listener)
    for (const [port, link] of this.#links) listener(link, this.#owners.get(port) ?? null)
    return () => void this.#listeners.delete(listener)
  }

  /** Says that the connection from this port is the client's. */
  claim(port: number, client: string): void {
    this.#owners.set(port, client)
    const link = this.#links.get(port)
    // The link was announced as nobody's; faults on this client's links must still find it.
    if (link !== undefined) this.#announce(link, client)
  }

  /** Calls back with the link of the connection from this port, as soon as it stands; returns what takes that back. */
  whenLinked(port: number, callback: (link: Link) => void): () => void {
    const link = this.#links.get(port)
    if (link !== undefined) {
      callback(link)
      return () => {}
    }
    const waiting = this.#awaiting.get(port) ?? []
    this.#awaiting.set(port, [...waiting, callback])
    return () => {
      const left = (this.#awaiting.get(port) ?? []).filter((other) => other !== callback)
      this.#awaiting.set(port, left)
    }
  }

  /** Ends every connection that still has a client. The target's sides of those that vanished are for the target to end. */
  closeLinks(): void {
    for (const link of this.#links.values()) link.destroy()
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #accept(client: Socket): void {
    const port = client.remotePort as number
    const target = connect({ ...this.#upstream(), allowHalfOpen: true, noDelay: true })
    this.#track(client)
    this.#track(target)
    client.once('close', () => {
      this.#links.delete(port)
      this.#owners.delete(port)
    })
    // Until the link stands, the end of one side ends the other: a target that refuses shows as a reset.
    const failed = () => client.resetAndDestroy()
    const gone = () => target.destroy()
    target.on('error', failed)
    client.on('error', gone)
    target.once('connect', () => {
      target.off('error', failed)
      client.off('error', gone)
      if (client.destroyed) target.destroy()
      else this.#join(port, client, target)
    })
  }

  #join(port: number, client: Socket, target: Socket): void {
    const link = new Link(client, target, this.#random.fork(this.#opened++))
    this.#links.set(port, link)
    for (const callback of this.#awaiting.get(port) ?? []) callback(link)
    this.#awaiting.delete(port)
    this.#announce(link, this.#owners.get(port) ?? null)
  }

  #announce(link: Link, client: string | null): void {
    for (const listener of this.#listeners) listener(link, client)
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    // The pipes listen for errors as well; this one covers the time before and after them.
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
  }
}
