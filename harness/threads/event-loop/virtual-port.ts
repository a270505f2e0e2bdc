import { EventEmitter } from 'node:events'
import { HarnessError } from '../../errors.ts'
import type { Operation } from '../operation.ts'
import type { Running } from '../running.ts'
import { type Envelope, opened, sealed } from './envelope.ts'
import { loopOf } from './fiber-loop.ts'

type Listener = (...args: unknown[]) => void

/**
 * One end of a message channel of an exploration: what `MessagePort` is to the threads. Posting and receiving are
 * operations. Who listens is known to each run of a thread anew, as its code says.
 */
export class VirtualPort {
  /** The number by which the schedule knows it. */
  readonly id: number
  readonly #running: Running
  readonly #listeners = new WeakMap<object, EventEmitter>()
  #handler: Listener | null = null

  constructor(running: Running, id: number) {
    this.#running = running
    this.id = id
  }

  postMessage(value: unknown, transfer: unknown = []): void {
    const transferred = Array.isArray(transfer) ? transfer : ((transfer as { transfer?: unknown[] }).transfer ?? [])
    if (transferred.some((each) => each instanceof VirtualPort)) {
      throw unsupported('a port was sent through a port', 'make all channels in setup')
    }
    const envelope = sealed(value)
    this.#do('postMessage', (thread) => this.#running.loops!.post(thread, this.id, envelope))
  }

  /** What `receiveMessageOnPort` answers. */
  receive(): { message: unknown } | undefined {
    const envelope = this.#do('receiveMessageOnPort', (thread) => this.#running.loops!.receive(thread, this.id))
    return envelope === undefined ? undefined : { message: opened(envelope as Envelope) }
  }

  close(): void {
    this.#do('close', (thread) => this.#running.loops!.close(thread, this.id))
  }

  on(event: string, listener: Listener): this {
    this.#emitter().on(event, listener)
    if (event === 'message') this.start()
    return this
  }

  once(event: string, listener: Listener): this {
    this.#emitter().once(event, listener)
    if (event === 'message') this.start()
    return this
  }

  off(event: string, listener: Listener): this {
    const emitter = this.#emitter()
    emitter.off(event, listener)
    if (event === 'message' && emitter.listenerCount('message') === 0) loopOf(this.#running)?.ignore(this.id)
    return this
  }

  addListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }

  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener)
  }

  addEventListener(event: string, listener: Listener): void {
    this.#emitter().on(`${event} event`, listener)
  }

  removeEventListener(event: string, listener: Listener): void {
    this.#emitter().off(`${event} event`, listener)
  }

  get onmessage(): Listener | null {
    return this.#handler
  }

  set onmessage(handler: Listener | null) {
    if (this.#handler !== null) this.removeEventListener('message', this.#handler)
    this.#handler = handler
    if (handler === null) return
    this.addEventListener('message', handler)
    this.start()
  }

  /** Begins to deliver messages to those who listen. */
  start(): void {
    const emitter = this.#emitter()
    loopOf(this.#running)!.listen(this.id, {
      received: (message) => {
        emitter.emit('message', message)
        emitter.emit('message event', { data: message, target: this })
      },
      closed: () => {
        emitter.emit('close')
        emitter.emit('close event', { target: this })
      },
    })
  }

  ref(): void {}

  unref(): void {}

  /** An operation of the thread that runs; what setup and final do is done at once. */
  #do(what: string, declare: (thread: number) => Operation): unknown {
    const { fiber } = this.#running
    return fiber === null ? declare(-1).perform() : fiber.ask(what, this.id, () => declare(fiber.thread))
  }

  #emitter(): EventEmitter {
    const loop = loopOf(this.#running)
    if (loop === null) throw unsupported('setup or final listens to a port', 'let a thread listen')
    const emitter = this.#listeners.get(loop) ?? new EventEmitter()
    this.#listeners.set(loop, emitter)
    return emitter
  }
}

function unsupported(what: string, instead: string): HarnessError {
  return new HarnessError('ERR_WORLD_UNSUPPORTED', `${what}, which the thread world does not model; ${instead}`)
}
