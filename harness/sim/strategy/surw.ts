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
  make: (seed, profile) => {
    const random = new Random(`${seed}/surw`)
    return new Surw(seed, random, profile, random.pick(shares))
  },
}

/** The walk when everything is of interest: all orders of the lanes' events are equally likely, as far as all are legal. */
export function uniformRandomWalk(seed: number, profile: Profile): Strategy {
  return new Surw(seed, new Random(`${seed}/surw`), profile, 1)
}

class Surw implements Strategy {
  readonly name = 'surw'
  readonly #seed: number
  readonly #random: Random
  readonly #profile: Profile
  readonly #share: number
  readonly #left = new Map<Lane, number>()
  readonly #interest = new Map<Lane, boolean>()
  /** The lane whose event of interest comes next; those of the others wait for it. */
  #intended: Lane | undefined

  constructor(seed: number, random: Random, profile: Profile, share: number) {
    this.#seed = seed
    this.#random = random
    this.#profile = profile
    this.#share = share
  }

  pick(enabled: readonly SimEvent[]): SimEvent {
    if (enabled.length === 1) return this.#take(enabled[0] as SimEvent)
    this.#intended ??= this.#draw(enabled)
    const free = enabled.filter(({ lane }) => lane === this.#intended || !this.#isOfInterest(lane))
    if (free.length > 0) return this.#take(free[this.#random.bits() % free.length] as SimEvent)
    // The one that was to come next cannot happen now, and nothing else but those that wait for it.
    const next = this.#draw(enabled)
    return this.#take(enabled.find(({ lane }) => lane === next) as SimEvent)
  }

  #take(event: SimEvent): SimEvent {
    if (!this.#isOfInterest(event.lane)) return event
    this.#left.set(event.lane, Math.max(1, this.#leftOf(event.lane) - 1))
    this.#intended = undefined
    return event
  }

  /** One of the lanes of interest, in proportion to what each has left; undefined when there is none. */
  #draw(events: readonly SimEvent[]): Lane | undefined {
    let sum = 0
    for (const { lane } of events) if (this.#isOfInterest(lane)) sum += this.#leftOf(lane)
    let place = this.#random.real() * sum
    let last: Lane | undefined
    for (const { lane } of events) {
      if (!this.#isOfInterest(lane)) continue
      last = lane
      place -= this.#leftOf(lane)
      if (place < 0) return lane
    }
    return last
  }

  #leftOf(lane: Lane): number {
    return this.#left.get(lane) ?? this.#profile.eventsByLane.get(lane.key) ?? 1
  }

  #isOfInterest(lane: Lane): boolean {
    if (this.#share === 1) return true
    const known = this.#interest.get(lane)
    if (known !== undefined) return known
    const isOfInterest = keyedHash(this.#seed, lane.key, 0) < this.#share * 2 ** 32
    this.#interest.set(lane, isOfInterest)
    return isOfInterest
  }
}
