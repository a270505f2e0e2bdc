import type { SimEvent } from './event.ts'
import type { SimNode } from './node.ts'

/** The phase of the event loop in which the events of a lane run. */
export type LaneKind = 'timer' | 'immediate' | 'poll' | 'close'

/**
 * A queue of events that can only happen in order: a direction of a connection, the timers of one duration, the
 * immediates of a process. Lanes are independent of each other; only the legality rules bind them.
 */
export class Lane {
  readonly key: string
  readonly node: SimNode
  readonly kind: LaneKind
  /** Whether its head may be considered at all; a paused socket blocks its lane. */
  blocked = false
  /** Place among the active lanes, or -1 when it is empty or blocked. */
  activeIndex = -1
  /** How many events were ever queued; the next one's ordinal. */
  queued = 0
  /** Place among what wakes the loop of its process; -1 for what comes from outside the process. */
  wakeUp = -1
  /** Events that are alive and keep the schedule going. */
  refs = 0
  /** No event is ready before its predecessor was. */
  lastReadyMs = 0
  /** The first event that is not cancelled. */
  head: SimEvent | undefined
  #events: SimEvent[] = []
  #place = 0

  constructor(key: string, node: SimNode, kind: LaneKind) {
    this.key = key
    this.node = node
    this.kind = kind
  }

  get isEmpty(): boolean {
    return this.head === undefined
  }

  push(event: SimEvent): void {
    this.#events.push(event)
    this.head ??= event
  }

  /** Drops the events at the head that do not wait any more, because they have happened or were cancelled. */
  drop(): void {
    const events = this.#events
    let place = this.#place
    while (place < events.length && !(events[place] as SimEvent).waiting) place++
    if (place > 64) {
      this.#events = events.slice(place)
      place = 0
    }
    this.#place = place
    this.head = this.#events[place]
  }

  /** The events that wait in it, in order. */
  *[Symbol.iterator](): Generator<SimEvent> {
    for (let place = this.#place; place < this.#events.length; place++) {
      const event = this.#events[place] as SimEvent
      if (event.waiting) yield event
    }
  }
}
