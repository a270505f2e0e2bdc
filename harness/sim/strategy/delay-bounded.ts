import { Random } from '../../random.ts'
import type { SimEvent } from '../core/event.ts'
import type { Lane } from '../core/lane.ts'
import { comesBefore, earliest } from './natural.ts'
import type { Profile, Strategy, StrategyMaker } from './strategy.ts'

/** How many steps a lane is held back for, at the most. */
const longestHold = 12

/**
 * Delay-bounded scheduling (Emmi, Qadeer and Rakamarić 2011): the natural order, except that at `delays` drawn steps the
 * lane whose turn it is, is held back. Most races need one or two delays, so that few orders cover much.
 *
 * It departs from the paper in the length of a delay, which is drawn here, from 1 to 12 steps: an event is not moved to
 * the end of a round, as there is none, but behind a few others.
 */
export function delayBounded(delays: number): StrategyMaker {
  const name = `delay:${delays}`
  return { name, make: (seed, profile) => new DelayBounded(name, delays, new Random(`${seed}/${name}`), profile) }
}

class DelayBounded implements Strategy {
  readonly name: string
  /** How long the lane is held back whose turn it is at a step. */
  readonly #holds = new Map<number, number>()
  readonly #heldUntil = new Map<Lane, number>()
  /** The step from which on no lane is held back. */
  #lastHeldUntil = 0

  constructor(name: string, delays: number, random: Random, { steps }: Profile) {
    this.name = name
    for (let delay = 0; delay < delays; delay++) {
      this.#holds.set(random.integer(0, Math.max(0, steps - 1)), random.integer(1, longestHold))
    }
  }

  pick(enabled: readonly SimEvent[], step: number): SimEvent {
    const hold = this.#holds.get(step)
    if (hold !== undefined) this.#hold(this.#next(enabled, step).lane, step + hold)
    return this.#next(enabled, step)
  }

  /** The earliest event whose lane is not held back; the earliest of all when every lane is. */
  #next(enabled: readonly SimEvent[], step: number): SimEvent {
    if (step >= this.#lastHeldUntil) return earliest(enabled)
    let best: SimEvent | undefined
    for (const event of enabled) {
      const isFree = (this.#heldUntil.get(event.lane) ?? 0) <= step
      if (isFree && (best === undefined || comesBefore(event, best))) best = event
    }
    return best ?? earliest(enabled)
  }

  #hold(lane: Lane, until: number): void {
    this.#heldUntil.set(lane, until)
    this.#lastHeldUntil = Math.max(this.#lastHeldUntil, until)
  }
}
