import type { SimEvent } from './event.ts'
import { isLegal } from './legality.ts'
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
  #last: SimEvent | undefined
  #judgedAt = -1
  #isHeadLegal = false

  constructor(key: string, node: SimNode, kind: LaneKind) {
    this.key = key
    this.node = node
    this.kind = kind
  }

  get isEmpty(): boolean {
    return this.head === undefined
  }

  /** Whether the legality rules let its head come next. That is found out anew only when something has changed in its process. */
  get isHeadLegal(): boolean {
    if (this.#judgedAt !== this.node.version) {
      this.#judgedAt = this.node.version
      this.#isHeadLegal = isLegal(this.head as SimEvent)
    }
    return this.#isHeadLegal
  }

  push(event: SimEvent): void {
    this.node.version++
    if (this.#last === undefined) this.head = event
    else this.#last.next = event
    this.#last = event
  }

  /** Drops the events at the head that do not wait any more, because they have happened or were cancelled. */
  drop(): void {
    this.node.version++
    let event = this.head
    while (event !== undefined && !event.waiting) {
      const { next } = event
      // Who keeps an event that is over, as a timer may, must not keep all that came after it.
      event.next = undefined
      event = next
    }
    this.head = event
    if (event === undefined) this.#last = undefined
  }

  /** Forgets what waits in it, when the schedule is over. */
  clear(): void {
    this.head = undefined
    this.#last = undefined
    this.activeIndex = -1
  }

  /** The events that wait in it, in order. */
  *[Symbol.iterator](): Generator<SimEvent> {
    for (let event = this.head; event !== undefined; event = event.next) if (event.waiting) yield event
  }
}
