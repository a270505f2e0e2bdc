import type { Subscriber } from './subscriber.ts'

/**
 * Finds peers that vanished without a word. One timer serves all connections, and it runs only while there are any.
 */
export class Heartbeat {
  readonly #intervalMs: number
  readonly #subscribers = new Set<Subscriber>()
  #timer: NodeJS.Timeout | undefined

  constructor({ heartbeatMs }: { heartbeatMs: number }) {
    this.#intervalMs = heartbeatMs
  }

  watch(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber)
    this.#timer ??= setInterval(() => this.beat(), this.#intervalMs)
    subscriber.sink.onClose(() => this.#forget(subscriber))
  }

  protected beat(): void {
    for (const subscriber of [...this.#subscribers]) {
      if (!subscriber.sink.beat()) subscriber.close('dead-peer')
    }
  }

  #forget(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
    if (this.#subscribers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
