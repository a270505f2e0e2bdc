import { Random } from '../../random.ts'
import type { SimEvent } from '../core/event.ts'
import type { Strategy, StrategyMaker } from './strategy.ts'

/**
 * Partial order sampling (Yuan, Yang and Gu 2018): every event has a random priority, the highest goes first, and the
 * events that it raced with get new ones. So partial orders are sampled more evenly than by a random walk, which favours
 * those that many interleavings share.
 *
 * Events race here when they are of one process: which of its objects an event touches is not known, and processes
 * share nothing but connections.
 */
export const pos: StrategyMaker = { name: 'pos', make: (seed) => new Pos(new Random(`${seed}/pos`)) }

class Pos implements Strategy {
  readonly name = 'pos'
  readonly #random: Random
  readonly #priorities = new Map<SimEvent, number>()

  constructor(random: Random) {
    this.#random = random
  }

  pick(enabled: readonly SimEvent[]): SimEvent {
    let best = enabled[0] as SimEvent
    if (enabled.length === 1) return best
    let highest = Number.NEGATIVE_INFINITY
    for (const event of enabled) {
      const priority = this.#priorityOf(event)
      if (priority <= highest) continue
      best = event
      highest = priority
    }
    this.#priorities.delete(best)
    for (const event of enabled) if (event.lane.node === best.lane.node) this.#priorities.delete(event)
    return best
  }

  #priorityOf(event: SimEvent): number {
    const known = this.#priorities.get(event)
    if (known !== undefined) return known
    const priority = this.#random.real()
    this.#priorities.set(event, priority)
    return priority
  }
}
