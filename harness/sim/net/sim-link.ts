import type { CutAfter, CutEnding, Direction, FaultableLink } from '../../fault/fault.ts'
import type { SimNode } from '../core/node.ts'
import type { Imposition } from './imposition.ts'
import type { SocketHandle } from './socket-handle.ts'
import type { Wire } from './wire.ts'

/** A simulated connection, seen from between its two ends: what faults of a link hit. */
export class SimLink implements FaultableLink {
  /** From the client to the server. */
  readonly up: Wire
  readonly down: Wire
  readonly #client: SocketHandle
  readonly #server: SocketHandle

  constructor(client: SocketHandle, server: SocketHandle, wires: { up: Wire; down: Wire }) {
    this.#client = client
    this.#server = server
    this.up = wires.up
    this.down = wires.down
    client.link = this
    server.link = this
  }

  /** The process that has connected. */
  get client(): SimNode {
    return this.#client.node
  }

  /** The process that was connected to. */
  get server(): SimNode {
    return this.#server.node
  }

  /** Whether both ends are closed. */
  get isOver(): boolean {
    return this.#client.isClosing && this.#server.isClosing
  }

  delay(direction: Direction, delayMs: number, jitterMs: number): () => void {
    return this.#impose(direction, () => ({ kind: 'delay', delayMs, jitterMs }))
  }

  stall(direction: Direction): () => void {
    return this.#impose(direction, () => ({ kind: 'stall' }))
  }

  throttle(direction: Direction, bytesPerSecond: number): () => void {
    return this.#impose(direction, () => ({ kind: 'throttle', bytesPerSecond }))
  }

  partition(): () => void {
    return this.#impose('both', () => ({ kind: 'partition' }))
  }

  split(direction: Direction, pieces: number): () => void {
    return this.#impose(direction, () => ({ kind: 'split', pieces }))
  }

  merge(direction: Direction, withinMs: number): () => void {
    return this.#impose(direction, () => ({ kind: 'merge', withinMs }))
  }

  cut(direction: Direction, after: CutAfter, ending: CutEnding): () => void {
    const end = ending === 'reset' ? () => this.reset() : () => this.#hangUp()
    const [left, unit] = 'bytes' in after ? ([after.bytes, 'bytes'] as const) : ([after.messages, 'messages'] as const)
    return this.#impose(direction, () => ({ kind: 'cut', left, unit, end }))
  }

  reset(): void {
    this.#sever()
    this.#client.resetComes()
    this.#server.resetComes()
  }

  halfOpen(): void {
    this.up.swallow()
    this.down.swallow()
    // The client's own end must learn it, or it would wait for ever; the server hears nothing.
    this.#client.resetComes()
  }

  #hangUp(): void {
    this.#sever()
    this.#client.endComes()
    this.#server.endComes()
  }

  /** Nothing passes any more; whoever still sends is told so. */
  #sever(): void {
    this.up.cut(() => this.#client.resetComes())
    this.down.cut(() => this.#server.resetComes())
  }

  #impose(direction: Direction, make: () => Imposition): () => void {
    const wires = [...(direction === 'down' ? [] : [this.up]), ...(direction === 'up' ? [] : [this.down])]
    const heals = wires.map((wire) => wire.impose(make()))
    return () => {
      for (const heal of heals) heal()
    }
  }
}
