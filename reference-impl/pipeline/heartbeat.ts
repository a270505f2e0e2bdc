import type { Subscriber } from './subscriber.ts'

/**
 * Finds peers that vanished without a word. One timer serves all connections, and it runs only while there are any.
 */
export class Heartbeat {
  readonly #intervalMs: number
  readonly #subscribers = new Set<Subscriber>()
  #timer: NodeJS.Timeout | undefined
  #lastBeatMs = 0

  constructor({ heartbeatMs }: { heartbeatMs: number }) {
    this.#intervalMs = heartbeatMs
  }

  watch(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber)
    this.#timer ??= this.#start()
    subscriber.sink.onClose(() => this.#forget(subscriber))
  }

  protected beat(): void {
    const late = this.#isLate()
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.sink.alive || late) subscriber.sink.beat()
      else subscriber.close('dead-peer')
    }
  }

  #start(): NodeJS.Timeout {
    this.#lastBeatMs = performance.now()
    return setInterval(() => this.beat(), this.#intervalMs)
  }

  // When the server itself was held up, the answers of its peers may lie unread: then nobody is judged this time.
  #isLate(): boolean {
    const sinceMs = performance.now() - this.#lastBeatMs
    this.#lastBeatMs += sinceMs
    return sinceMs > 1.5 * this.#intervalMs
  }

  #forget(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber)
    if (this.#subscribers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
