import workerThreads, { type MessagePort } from 'node:worker_threads'
import { active } from '../active.ts'
import type { Endpoint } from './message-endpoint.ts'
import { symbolOf } from './net-socket.ts'

type Listening = (this: MessagePort, size: number, type: string, ...rest: unknown[]) => unknown
type PortInside = MessagePort & Record<symbol, unknown>

/** Node's own way to hand a message to a port: through its listeners, with the ports that came along. */
const hybridDispatch = Symbol.for('nodejs.internal.kHybridDispatch')
const receivingPorts = Symbol.for('nodejs.internal.kCurrentlyReceivingPorts')

/**
 * The native message ports, as the simulation uses them: what the classes did before they were patched, and the private
 * places where Node's own code hears of listeners and of the close.
 */
export class NativePort {
  readonly #ends = new WeakMap<MessagePort, Endpoint>()
  readonly #postMessage: MessagePort['postMessage']
  readonly #close: MessagePort['close']
  readonly #unref: MessagePort['unref']
  readonly #receive: typeof workerThreads.receiveMessageOnPort
  readonly #onClosed: symbol
  readonly #newListener: symbol
  readonly #removeListener: symbol

  /** Learns the private symbols from a port that nobody else uses. */
  constructor(sample: MessagePort) {
    const prototype = Object.getPrototypeOf(sample) as MessagePort
    this.#postMessage = prototype.postMessage
    this.#close = prototype.close
    this.#unref = prototype.unref
    this.#receive = workerThreads.receiveMessageOnPort
    this.#onClosed = symbolOf(prototype, 'handle_onclose')
    this.#newListener = symbolOf(sample, 'kNewListener')
    this.#removeListener = symbolOf(sample, 'kRemoveListener')
  }

  endOf(port: unknown): Endpoint | undefined {
    return this.#ends.get(port as MessagePort)
  }

  /** Makes a port the one of an end, which from now on hears when somebody begins or ceases to listen to it. */
  adopt(end: Endpoint, port: MessagePort): void {
    this.#ends.set(port, end)
    this.watch(end, port)
    end.moveTo(port)
  }

  watch(end: Endpoint, port: MessagePort): void {
    this.#ends.set(port, end)
    active.standIns.add(port)
    const inside = port as PortInside
    const [added, removed] = [inside[this.#newListener] as Listening, inside[this.#removeListener] as Listening]
    // Named before they are assigned, for the reason that `watch` of http-time-outs.ts tells.
    const hears: Listening = function (size, type, ...rest) {
      const answer = added.call(this, size, type, ...rest)
      if (type === 'message' && size === 1) end.start()
      return answer
    }
    const ceases: Listening = function (size, type, ...rest) {
      const answer = removed.call(this, size, type, ...rest)
      if (type === 'message' && size === 0) end.stop()
      return answer
    }
    inside[this.#newListener] = hears
    inside[this.#removeListener] = ceases
  }

  post(port: MessagePort, message: unknown, transfer: readonly unknown[] | undefined): unknown {
    return this.#postMessage.call(port, message, transfer as never)
  }

  /** The next message that lies in the port's queue. */
  receive(port: unknown): { message: unknown } | undefined {
    return this.#receive(port as MessagePort)
  }

  /** The native port no longer keeps the real process alive. */
  release(port: MessagePort): void {
    this.#unref.call(port)
  }

  /** Closes the native port; the real event loop, when it turns again, tells nobody. */
  closeSilently(port: MessagePort): void {
    Object.defineProperty(port, this.#onClosed, { value: () => {} })
    this.#close.call(port)
  }

  tellClosed(port: MessagePort): void {
    const onClosed = (Object.getPrototypeOf(port) as PortInside)[this.#onClosed] as (this: MessagePort) => void
    onClosed.call(port)
  }

  dispatch(port: MessagePort, message: unknown, ports: readonly MessagePort[]): void {
    const inside = port as PortInside
    inside[receivingPorts] = ports
    try {
      ;(inside[hybridDispatch] as (data: unknown, type: string) => void)(message, 'message')
    } finally {
      inside[receivingPorts] = undefined
    }
  }
}
