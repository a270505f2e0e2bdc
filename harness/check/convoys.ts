import { DefaultMap } from './default-map.ts'
import type { LockEvent } from './probes.ts'

/**
 * A time in which a lock object went from waiter to waiter and was never free: who asks for it queues, however short it
 * is held. It ends when somebody gets the lock without having to wait.
 */
export interface Convoy {
  lock: string
  /** The first and the last acquisition of it. */
  first: LockEvent
  last: LockEvent
  /** How often the lock was handed from one to the next. */
  handOvers: number
  /** Callers that waited at once, at the most. */
  longestQueue: number
}

/** Fewer hand-overs in a row are just a queue. */
const leastHandOvers = 10

/** The convoys of a history, in the order in which they began. */
export function convoysOf(locks: Iterable<LockEvent>): Convoy[] {
  const objects = new DefaultMap<string, Queue>(() => new Queue())
  for (const event of locks) objects.of(event.object).note(event)
  const all = [...objects.values()].flatMap(({ convoys }) => convoys)
  return all
    .filter(({ handOvers }) => handOvers >= leastHandOvers)
    .sort((one, other) => one.first.source.timeMs - other.first.source.timeMs)
}

/** Those who wait for one lock object. */
class Queue {
  readonly convoys: Convoy[] = []
  readonly #waiting = new Set<string>()
  #current: Convoy | null = null

  note(event: LockEvent): void {
    const caller = `${event.source.process} ${event.owner}`
    if (event.event === 'waiting') this.#waiting.add(caller)
    else if (event.event === 'abandoned') this.#waiting.delete(caller)
    else if (event.event === 'acquired') this.#acquired(event, this.#waiting.delete(caller))
    if (this.#current !== null) {
      this.#current.longestQueue = Math.max(this.#current.longestQueue, this.#waiting.size)
    }
  }

  #acquired(event: LockEvent, waited: boolean): void {
    if (!waited) this.#current = null
    else if (this.#current === null) this.#begin(event)
    else {
      this.#current.handOvers++
      this.#current.last = event
    }
  }

  #begin(event: LockEvent): void {
    this.#current = { lock: event.lock, first: event, last: event, handOvers: 1, longestQueue: 0 }
    this.convoys.push(this.#current)
  }
}
