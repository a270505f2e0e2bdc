import { AsyncResource } from 'node:async_hooks'
import type { MessagePort } from 'node:worker_threads'
import { Lane } from '../core/lane.ts'
import type { Holding } from '../core/ledger.ts'
import type { SimNode } from '../core/node.ts'
import type { Simulation } from '../core/simulation.ts'
import type { NativePort } from './message-native.ts'

/** A message on its way: the ends that travel with it, and whether it is packed in an envelope because of them. */
interface Parcel {
  readonly travellers: readonly Endpoint[]
}

/** What is posted instead of a message with ports, so that the receiver can tell which ports came along. */
interface Envelope {
  readonly message: unknown
  readonly ports: readonly MessagePort[]
}

/** Who gets what is posted at an end: the other end of a channel, or the other members of a broadcast. */
export type Receivers = () => readonly Endpoint[]

/**
 * One end of a message channel in a schedule. Messages are cloned, queued and transferred by the native ports themselves;
 * what is simulated is when they are delivered. Native delivery waits for the real event loop, which does not turn, so
 * that each message stays in its native queue until its event takes it out.
 *
 * A port that is transferred becomes another object; its end stays what it is.
 */
export class Endpoint implements Holding {
  readonly kind = 'port'
  readonly name: string
  port: MessagePort
  node: SimNode
  receivers: Receivers = () => []
  /** Whether the other side hears when this end closes; in a broadcast nobody does. */
  tellsOfClosing = true
  readonly #simulation: Simulation
  readonly #native: NativePort
  /** Handlers run in the async context in which the channel was made. */
  readonly #resource = new AsyncResource('MESSAGEPORT', { requireManualDestroy: true })
  readonly #parcels: Parcel[] = []
  #inbox: Lane
  #isStarted = false
  #isClosed = false
  /** Whether it would keep its process alive, as a port does that somebody listens to. */
  #hasRef = false

  constructor(simulation: Simulation, native: NativePort, port: MessagePort, name: string) {
    this.#simulation = simulation
    this.#native = native
    this.port = port
    this.name = name
    this.node = simulation.node
    this.#inbox = new Lane(name, this.node, 'poll')
    this.node.addWakeUp(this.#inbox)
    simulation.ledger.add(this)
  }

  get what(): string {
    const others = this.receivers().map(({ name }) => name)
    return others.length === 0 ? this.name : `${this.name}, connected to ${others.join(', ')}`
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  get keepsAlive(): boolean {
    return !this.#isClosed && this.#hasRef
  }

  get isLeftover(): boolean {
    return this.keepsAlive
  }

  /** Delivery begins, as soon as there is a listener. */
  start(): void {
    this.#isStarted = true
    this.updateFlow()
  }

  setRef(hasRef: boolean): void {
    this.#hasRef = hasRef
    this.updateFlow()
  }

  stop(): void {
    this.#isStarted = false
    this.updateFlow()
  }

  /** Posts a message to all receivers; throws what the native port throws when it cannot be cloned. */
  post(message: unknown, transfer: readonly unknown[] | undefined, travellers: readonly Endpoint[]): unknown {
    const receivers = this.receivers()
    const ports = travellers.map(({ port }) => port)
    const letter = ports.length === 0 ? message : ({ message, ports } satisfies Envelope)
    const answer = this.#native.post(this.port, letter, transfer)
    for (const receiver of receivers) if (!travellers.includes(receiver)) receiver.#expect({ travellers }, this.node)
    return answer
  }

  /** Takes the next message without waiting for its event, as `receiveMessageOnPort` does. */
  takeNow(): { message: unknown } | undefined {
    if (this.#parcels.length === 0) return this.#native.receive(this.port)
    this.#simulation.takeHead(this.#inbox)
    const letter = this.#open()
    this.updateFlow()
    return letter && { message: letter.message }
  }

  /** The end has a new port, in the process whose code runs now; what was waiting for the old one waits for this one. */
  moveTo(port: MessagePort): void {
    this.#simulation.cancelAll(this.#inbox)
    this.node.removeWakeUp(this.#inbox)
    this.port = port
    this.node = this.#simulation.node
    this.#inbox = new Lane(`${this.name}@${this.#simulation.count(this.name)}`, this.node, 'poll')
    this.node.addWakeUp(this.#inbox)
    this.#isStarted = false
    this.#hasRef = false
    for (let waiting = 0; waiting < this.#parcels.length; waiting++) this.#queue(this.node)
    this.updateFlow()
  }

  /** Closes the port as its process does; its own 'close' comes with the close callbacks, the other end's later. */
  close(): void {
    if (this.#isClosed) return
    const others = this.tellsOfClosing ? this.receivers() : []
    this.#closeHere()
    for (const other of others) other.#expectEnd(this.node)
  }

  /** The process of the port has ended, and the other end hears of it. */
  abandon(): void {
    this.close()
  }

  dispose(): void {
    this.#isClosed = true
    this.#simulation.ledger.remove(this)
    this.#native.closeSilently(this.port)
  }

  /** Messages wait while nobody listens. That the other end has closed is told even then, once none is left. */
  updateFlow(): void {
    this.#simulation.setBlocked(this.#inbox, !this.#isStarted && this.#parcels.length > 0)
    for (const event of this.#inbox) this.#simulation.setRef(event, this.#hasRef)
  }

  #closeHere(): void {
    this.#isClosed = true
    this.#simulation.ledger.remove(this)
    this.#simulation.cancelAll(this.#inbox)
    this.node.removeWakeUp(this.#inbox)
    this.#native.closeSilently(this.port)
    this.#simulation.push(this.node.closings, {
      label: `close ${this.name}`,
      resource: this.#resource,
      run: () => this.#native.tellClosed(this.port),
    })
  }

  #expect(parcel: Parcel, sender: SimNode): void {
    if (this.#isClosed) return
    this.#parcels.push(parcel)
    this.#queue(sender)
    this.updateFlow()
  }

  #queue(sender: SimNode): void {
    this.#simulation.push(this.#inbox, {
      label: 'message',
      windowMs: this.#windowFrom(sender),
      resource: this.#resource,
      run: () => this.#deliver(),
    })
  }

  #expectEnd(sender: SimNode): void {
    if (this.#isClosed) return
    this.#simulation.push(this.#inbox, {
      label: 'the other end has closed',
      windowMs: this.#windowFrom(sender),
      resource: this.#resource,
      run: () => {
        if (!this.#isClosed) this.#closeHere()
      },
    })
    this.updateFlow()
  }

  /** What a process sends to itself is there when its loop looks for it. */
  #windowFrom(sender: SimNode): number {
    return sender === this.node ? 0 : this.#simulation.windowMs
  }

  #deliver(): void {
    const letter = this.#open()
    this.updateFlow()
    if (letter !== undefined) this.#native.dispatch(this.port, letter.message, letter.ports)
  }

  #open(): Envelope | undefined {
    const parcel = this.#parcels.shift()
    const received = this.#native.receive(this.port)
    if (parcel === undefined || received === undefined) return undefined
    if (parcel.travellers.length === 0) return { message: received.message, ports: [] }
    const letter = received.message as Envelope
    for (const [place, traveller] of parcel.travellers.entries()) {
      this.#native.adopt(traveller, letter.ports[place] as MessagePort)
    }
    return letter
  }
}
