import type { SimEvent } from '../core/event.ts'
import { earliest } from './natural.ts'
import type { Strategy } from './strategy.ts'

/** "Keep this event until that one has happened": the human form of a schedule. Both are keys, such as `fs#4/0`. */
export interface Hold {
  event: string
  until: string
}

/** A hold that changed the order. */
export interface EffectiveHold extends Hold {
  /** The step at which its event would have come. */
  readonly dueAtStep: number
  /** What the event is about, and the process in which it happens: a held event may never come. */
  readonly label: string
  readonly node: string
}

/** The natural order under holds, which knows afterwards which of them changed it. */
export interface Holding extends Strategy {
  /** In the order in which they were given. Without the others the schedule is the same, to the byte. */
  readonly effective: readonly EffectiveHold[]
}

/**
 * The natural order, but for a few events that are held back. A hold whose `until` never comes ends when nothing else
 * can happen, so that a schedule never hangs on its holds. Of several holds on one event the last one counts.
 */
export function holding(holds: readonly Hold[]): Holding {
  return new HoldingStrategy(holds)
}

class HoldingStrategy implements Holding {
  readonly name = 'holds'
  readonly #holds: readonly Hold[]
  /** By lane and place in it, because most events are not held and their keys need not be built. */
  readonly #byLane = new Map<string, Map<number, Hold>>()
  /** What somebody waits for and has not happened. */
  readonly #awaited: Set<string>
  readonly #awaitedLanes: ReadonlySet<string>
  readonly #effective = new Map<Hold, EffectiveHold>()

  constructor(holds: readonly Hold[]) {
    this.#holds = holds
    for (const hold of holds) {
      const { lane, ordinal } = placeOf(hold.event)
      const inLane = this.#byLane.get(lane) ?? new Map<number, Hold>()
      this.#byLane.set(lane, inLane.set(ordinal, hold))
    }
    this.#awaited = new Set(holds.map(({ until }) => until))
    this.#awaitedLanes = new Set(holds.map(({ until }) => placeOf(until).lane))
  }

  get effective(): readonly EffectiveHold[] {
    return this.#holds.flatMap((hold) => this.#effective.get(hold) ?? [])
  }

  pick(enabled: readonly SimEvent[], step: number): SimEvent {
    const event = this.#awaited.size === 0 ? earliest(enabled) : this.#earliestFree(enabled, step)
    if (this.#awaitedLanes.has(event.lane.key)) this.#awaited.delete(event.key)
    return event
  }

  /** Passes over the events that are held, unless all are. */
  #earliestFree(enabled: readonly SimEvent[], step: number): SimEvent {
    const passed: SimEvent[] = []
    let free = enabled
    for (;;) {
      const event = earliest(free)
      const hold = this.#holdOn(event)
      if (hold !== undefined) passed.push(event)
      if (hold === undefined || (free.length === 1 && enabled.length > 1)) this.#note(passed, step)
      if (hold === undefined) return event
      if (free.length === 1) return earliest(enabled)
      free = free.filter((other) => other !== event)
    }
  }

  /** Where all events are held each of the holds counts, for without one of them its event would have come. */
  #note(passed: readonly SimEvent[], dueAtStep: number): void {
    for (const event of passed) {
      const hold = this.#holdOn(event) as Hold
      const { label, lane } = event
      if (!this.#effective.has(hold)) this.#effective.set(hold, { ...hold, dueAtStep, label, node: lane.node.name })
    }
  }

  #holdOn({ lane, ordinal }: SimEvent): Hold | undefined {
    const hold = this.#byLane.get(lane.key)?.get(ordinal)
    return hold !== undefined && this.#awaited.has(hold.until) ? hold : undefined
  }
}

function placeOf(key: string): { lane: string; ordinal: number } {
  const slash = key.lastIndexOf('/')
  return { lane: key.slice(0, slash), ordinal: Number(key.slice(slash + 1)) }
}
