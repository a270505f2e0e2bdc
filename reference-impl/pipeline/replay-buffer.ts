import type { StreamEvent } from './stream-event.ts'

/** The newest events of a stream, bounded in number and in bytes. The oldest make room; they are in the database. */
export class ReplayBuffer {
  readonly #maxEvents: number
  readonly #maxBytes: number
  protected events: StreamEvent[] = []
  #bytes = 0

  constructor({ maxEvents, maxBytes }: { maxEvents: number; maxBytes: number }) {
    this.#maxEvents = maxEvents
    this.#maxBytes = maxBytes
  }

  /** The id of the oldest event it holds; undefined when it is empty. */
  get firstId(): number | undefined {
    return this.events[0]?.id
  }

  get size(): number {
    return this.events.length
  }

  push(event: StreamEvent): void {
    this.events.push(event)
    this.#bytes += event.bytes
    this.trim()
  }

  clear(): void {
    this.events = []
    this.#bytes = 0
  }

  /** Up to `limit` events after the given id, or undefined when the first of them is no longer here. */
  after(id: number, limit: number): StreamEvent[] | undefined {
    const first = this.firstId
    if (first === undefined || id + 1 < first) return undefined
    const from = id + 1 - first
    return this.events.slice(from, from + limit)
  }

  protected trim(): void {
    let excess = 0
    while (this.events.length - excess > this.#maxEvents || (this.#bytes > this.#maxBytes && this.events[excess])) {
      this.#bytes -= this.events[excess++]!.bytes
    }
    this.events.splice(0, excess)
  }
}
