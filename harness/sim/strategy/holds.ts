import type { SimEvent } from '../core/event.ts'
import { earliest } from './natural.ts'
import type { Strategy } from './strategy.ts'

/** "Keep this event until that one has happened": the human form of a schedule. Both are keys, such as `fs#4/0`. */
export interface Hold {
  event: string
  until: string
}

/**
 * The natural order, but for a few events that are held back. A hold whose `until` never comes ends when nothing else
 * can happen, so that a schedule never hangs on its holds.
 */
export function holding(holds: readonly Hold[]): Strategy {
  return new Holding(holds)
}

class Holding implements Strategy {
  readonly name = 'holds'
  /** By lane and place in it, because most events are not held and their keys need not be built. */
  readonly #untilByLane = new Map<string, Map<number, string>>()
  /** What somebody waits for and has not happened. */
  readonly #awaited: Set<string>
  readonly #awaitedLanes: ReadonlySet<string>

  constructor(holds: readonly Hold[]) {
    for (const { event, until } of holds) {
      const { lane, ordinal } = placeOf(event)
      const inLane = this.#untilByLane.get(lane) ?? new Map<number, string>()
      this.#untilByLane.set(lane, inLane.set(ordinal, until))
    }
    this.#awaited = new Set(holds.map(({ until }) => until))
    this.#awaitedLanes = new Set(holds.map(({ until }) => placeOf(until).lane))
  }

  pick(enabled: readonly SimEvent[]): SimEvent {
    const free = this.#awaited.size === 0 ? enabled : enabled.filter((event) => !this.#isHeld(event))
    const event = earliest(free.length > 0 ? free : enabled)
    if (this.#awaitedLanes.has(event.lane.key)) this.#awaited.delete(event.key)
    return event
  }

  #isHeld({ lane, ordinal }: SimEvent): boolean {
    const until = this.#untilByLane.get(lane.key)?.get(ordinal)
    return until !== undefined && this.#awaited.has(until)
  }
}

function placeOf(key: string): { lane: string; ordinal: number } {
  const slash = key.lastIndexOf('/')
  return { lane: key.slice(0, slash), ordinal: Number(key.slice(slash + 1)) }
}
