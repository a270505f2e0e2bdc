import type { DeliveryObservation, HistoryEvent } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import { sameContent } from './disagreements.ts'
import type { Watch } from './watch.ts'

/** What is known of a stream so far. */
interface Seen {
  /** What was first received under each id. */
  firsts: Map<number, DeliveryObservation>
  highestId: number
  /** The lowest id of a terminal event; Infinity while none has come. */
  endId: number
}

/**
 * The part of `delivery` that can be told at once: an event that comes again, late or stale, one beyond the terminal
 * event, and two subscribers that received different things under one id. A hole is not among them, for a gap may still
 * be announced; nor is what somebody was refused or cut from.
 *
 * Constant time for each event; it keeps one event for each id of each stream.
 */
export class DeliveryWatch implements Watch {
  readonly #terminal: ReadonlySet<string>
  readonly #streams = new DefaultMap<string, Seen>(() => ({
    firsts: new Map(),
    highestId: Number.NEGATIVE_INFINITY,
    endId: Number.POSITIVE_INFINITY,
  }))
  /** The last id that each subscriber has. */
  readonly #lastIds = new Map<string, number>()
  #isWrong = false

  constructor(terminal: Iterable<string>) {
    this.#terminal = new Set(terminal)
  }

  see(event: HistoryEvent): boolean {
    if (event.type !== 'observe') return this.#isWrong
    if (event.f === 'subscribe') this.#lastIds.set(event.subscriber, event.after)
    else if (event.f === 'end') this.#lastIds.delete(event.subscriber)
    else if (event.f === 'event') this.#isWrong = this.#arrive(event) || this.#isWrong
    return this.#isWrong
  }

  #arrive(event: DeliveryObservation): boolean {
    const lastId = this.#lastIds.get(event.subscriber)
    // What comes for a subscriber that is not listening is no part of any subscription.
    if (lastId === undefined) return false
    this.#lastIds.set(event.subscriber, Math.max(lastId, event.id))
    return event.id <= lastId || this.#contradicts(event)
  }

  #contradicts(event: DeliveryObservation): boolean {
    const seen = this.#streams.of(event.stream)
    const first = seen.firsts.get(event.id)
    if (first === undefined) seen.firsts.set(event.id, event)
    seen.highestId = Math.max(seen.highestId, event.id)
    if (this.#terminal.has(event.kind)) seen.endId = Math.min(seen.endId, event.id)
    return seen.highestId > seen.endId || (first !== undefined && !sameContent(first, event))
  }
}
