import { Random } from '../../random.ts'
import type { SimEvent } from '../core/event.ts'
import { keyedHash } from '../core/keyed-hash.ts'
import type { Lane } from '../core/lane.ts'
import type { Profile, Strategy, StrategyMaker } from './strategy.ts'

/** Shares of the lanes that may be of interest in a schedule; one is drawn. */
const shares = [1, 1 / 2, 1 / 4, 1 / 8]

/**
 * Selectively uniform random walk (Zhao and others 2025): the order of the events of interest is drawn uniformly among
 * all their orders, by picking a lane in proportion to how many of them it has left, as counted in the natural schedule;
 * all other events come in an order of no importance.
 *
 * Departures from the paper: lanes take the part of threads. As it is not known which objects an event touches, what is of
 * interest is a drawn share of the lanes instead of the accesses to one object. Lanes that the natural schedule did not have count
 * as having one event left.
 */
export const surw: StrategyMaker = {
  name: 'surw',
  make: (seed, profile) => new Surw(seed, new Random(`${seed}/surw`), profile),
}

class Surw implements Strategy {
  readonly name = 'surw'
  readonly #seed: number
  readonly #random: Random
  readonly #profile: Profile
  readonly #share: number
  readonly #left = new Map<Lane, number>()
  /** The lane whose event of interest comes next, and those that must wait for it. */
  #intended: Lane | undefined
  readonly #blocked = new Set<Lane>()

  constructor(seed: number, random: Random, profile: Profile) {
    this.#seed = seed
    this.#random = random
    this.#profile = profile
    this.#share = random.pick(shares)
  }

  pick(enabled: readonly SimEvent[]): SimEvent {
    if (enabled.length === 1) return this.#take(enabled[0] as SimEvent)
    for (;;) {
      const free = this.#free(enabled)
      const event = free[this.#random.bits() % free.length] as SimEvent
      if (!this.#isOfInterest(event.lane)) return event
      this.#intended ??= this.#draw(free)
      if (event.lane === this.#intended) return this.#take(event)
      this.#blocked.add(event.lane)
    }
  }

  /** The events whose lanes need not wait; all, once every lane would have to. */
  #free(enabled: readonly SimEvent[]): readonly SimEvent[] {
    const free = enabled.filter(({ lane }) => !this.#blocked.has(lane))
    if (free.length > 0) return free
    this.#blocked.clear()
    this.#intended = undefined
    return enabled
  }

  #take(event: SimEvent): SimEvent {
    this.#left.set(event.lane, Math.max(1, this.#leftOf(event.lane) - 1))
    this.#blocked.clear()
    this.#intended = undefined
    return event
  }

  /** One of the lanes of interest, in proportion to what each has left. */
  #draw(events: readonly SimEvent[]): Lane {
    const lanes = events.map(({ lane }) => lane).filter((lane) => this.#isOfInterest(lane))
    let place = this.#random.real() * lanes.reduce((sum, lane) => sum + this.#leftOf(lane), 0)
    for (const lane of lanes) {
      place -= this.#leftOf(lane)
      if (place < 0) return lane
    }
    return lanes.at(-1) as Lane
  }

  #leftOf(lane: Lane): number {
    return this.#left.get(lane) ?? this.#profile.eventsByLane.get(lane.key) ?? 1
  }

  #isOfInterest(lane: Lane): boolean {
    return this.#share === 1 || keyedHash(this.#seed, lane.key, 0) < this.#share * 2 ** 32
  }
}
