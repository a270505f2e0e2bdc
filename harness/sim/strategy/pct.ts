import { Random } from '../../random.ts'
import type { SimEvent } from '../core/event.ts'
import type { Lane } from '../core/lane.ts'
import type { Profile, Strategy, StrategyMaker } from './strategy.ts'

/** After so many of its events in a row, a lane that always has another one must let others go first. */
const longestRun = 64

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi and Nagarakatte 2010): each lane gets a random
 * priority, the highest goes first, and at `depth - 1` drawn steps the one that would go drops below all others. It finds
 * bugs that need one lane to starve, which a random walk hardly ever tries.
 *
 * Departures from the paper: lanes take the part of threads. Virtual time makes it fair (an event that is overdue is the
 * only one enabled), and a lane that goes on for 64 events without a pause drops too, so that polling cannot starve the
 * rest. The steps are drawn from the length of the natural schedule, clamped to it.
 */
export function pct(depth: number): StrategyMaker {
  const name = `pct:${depth}`
  return { name, make: (seed, profile) => new Pct(name, depth, new Random(`${seed}/${name}`), profile) }
}

class Pct implements Strategy {
  readonly name: string
  readonly #random: Random
  readonly #priorities = new Map<Lane, number>()
  readonly #changes: ReadonlySet<number>
  #lowest = 0
  #last: Lane | undefined
  #run = 0

  constructor(name: string, depth: number, random: Random, { steps }: Profile) {
    this.name = name
    this.#random = random
    const changes = Array.from({ length: depth - 1 }, () => random.integer(0, Math.max(0, steps - 1)))
    this.#changes = new Set(changes)
  }

  pick(enabled: readonly SimEvent[], step: number): SimEvent {
    // Where there is no choice, nothing is decided, and the lane's run is none of its doing.
    if (enabled.length === 1) return enabled[0] as SimEvent
    if (this.#changes.has(step)) this.#drop(this.#highest(enabled).lane)
    const event = this.#highest(enabled)
    this.#run = event.lane === this.#last ? this.#run + 1 : 0
    this.#last = event.lane
    if (this.#run >= longestRun) this.#drop(event.lane)
    return event
  }

  #highest(enabled: readonly SimEvent[]): SimEvent {
    let best = enabled[0] as SimEvent
    let highest = Number.NEGATIVE_INFINITY
    for (const event of enabled) {
      const priority = this.#priorityOf(event.lane)
      if (priority <= highest) continue
      best = event
      highest = priority
    }
    return best
  }

  #priorityOf(lane: Lane): number {
    const known = this.#priorities.get(lane)
    if (known !== undefined) return known
    const priority = 1 + this.#random.real()
    this.#priorities.set(lane, priority)
    return priority
  }

  #drop(lane: Lane): void {
    this.#priorities.set(lane, --this.#lowest)
    this.#run = 0
  }
}
