/** What becomes of an event that arrived: it is handed over, it is a second copy, or events before it are missing. */
export type Arrival = 'next' | 'duplicate' | 'hole'

/**
 * Where a subscriber stands in a plan's stream. Event ids are consecutive, so the last id alone tells what was handed
 * over already and what is missing: this is what makes the hand-over exactly once and in order, across reconnects.
 */
export class Cursor {
  #last: number
  #stream: string
  #duplicates = 0

  /** `stream` names the life of the plan that is meant, if the caller knows it. */
  constructor(after: number, stream = '') {
    this.#last = after
    this.#stream = stream
  }

  /** The id of the last event that was handed over, or announced as gone. */
  get last(): number {
    return this.#last
  }

  /** How many events came a second time and were dropped. */
  get duplicates(): number {
    return this.#duplicates
  }

  /** Whether this is the stream that it stands in. Another life of the plan counts its events anew. */
  enter(stream: string): boolean {
    this.#stream ||= stream
    return stream === '' || stream === this.#stream
  }

  /** Judges the event with this id, and moves on if it is the next one. */
  arrive(id: number): Arrival {
    if (id <= this.#last) {
      this.#duplicates++
      return 'duplicate'
    }
    if (id > this.#last + 1) return 'hole'
    this.#last = id
    return 'next'
  }

  /** The server announced that the events up to `id` are gone for good. */
  skipTo(id: number): void {
    this.#last = Math.max(this.#last, id)
  }
}
