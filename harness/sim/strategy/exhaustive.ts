import { HarnessError } from '../../errors.ts'
import type { SimEvent } from '../core/event.ts'
import { type Footprint, Footprints } from '../core/footprints.ts'
import { earliest } from './natural.ts'
import type { Strategy } from './strategy.ts'

export interface ExhaustiveOptions {
  /** Whether orders are left out that only swap events of processes that have nothing to do with each other; true by default. */
  reduces?: boolean
}

/** One order to run, by a search that is told when it has been run. */
export interface SearchedOrder {
  readonly strategy: Strategy
  /** To be given to the simulation, which notes in it what each event touches. */
  readonly footprints: Footprints
  /**
   * Says that the schedule is over. Returns whether its order counts: false for one that another order stands for, which the
   * search only knew when it was under way.
   */
  finish(): boolean
}

/**
 * All orders of a small program, one after the other: a depth-first search over the choices of a schedule, which keeps no
 * states and runs the program anew for each order. It needs the same data in every schedule, and so the same seed.
 *
 * The reduction is that of sleep sets (Godefroid 1996): when an event has been tried at a place, it need not be tried
 * behind its siblings there, until something happens that it does not commute with. Events commute when they are of
 * different processes, neither moves the clock, and what they touched has nothing in common, see {@link Footprints}; that is
 * observed in the state in which both could happen, as the theorem asks for. Sleep sets leave out orders, never states or
 * outcomes.
 *
 * It departs from the paper in what it does in a state in which every event sleeps: the schedule cannot be taken back, so
 * that it goes on in natural order and does not count.
 */
export class ExhaustiveSearch {
  readonly #reduces: boolean
  /** The choices of the order that runs, or was run last; the next one shares all but the end of them. */
  readonly #path: Choice[] = []
  #hasBegun = false

  constructor({ reduces = true }: ExhaustiveOptions = {}) {
    this.#reduces = reduces
  }

  /** The next order; undefined when there is none, and all have been run. Each must be finished before the next is asked for. */
  next(): SearchedOrder | undefined {
    if (this.#hasBegun && !this.#turnBack()) return undefined
    this.#hasBegun = true
    return new OrderUnderWay(this.#path, this.#reduces)
  }

  /** Goes back to the last choice that has another event to try; returns whether there is one. */
  #turnBack(): boolean {
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      if (last.tryNext()) return true
      this.#path.pop()
    }
    return false
  }
}

/** The place of a schedule at which one of several events was chosen. */
class Choice {
  /** The event that is tried now. */
  chosen: string
  /** What it touched when it ran here. */
  footprint: Footprint | undefined
  readonly #enabled: readonly string[]
  /** Events that need not be tried here: those that sleep, and those that were tried. */
  readonly #asleep: Map<string, Footprint>

  constructor(chosen: string, enabled: readonly string[], asleep: Map<string, Footprint>) {
    this.chosen = chosen
    this.#enabled = enabled
    this.#asleep = asleep
  }

  /** Puts the chosen event to sleep and chooses one that has not been tried; returns whether there is one. */
  tryNext(): boolean {
    this.#asleep.set(this.chosen, this.footprint as Footprint)
    const next = this.#enabled.find((key) => !this.#asleep.has(key))
    if (next === undefined) return false
    this.chosen = next
    this.footprint = undefined
    return true
  }

  /** The events that sleep behind the chosen one: those that it commutes with. */
  asleepBehind(): Map<string, Footprint> {
    const { footprint } = this
    const stillAsleep = [...this.#asleep].filter(([, other]) => footprint?.isApartFrom(other))
    return new Map(stillAsleep)
  }

  expectSame(enabled: readonly SimEvent[], step: number): SimEvent {
    const event = enabled.find(({ key }) => key === this.chosen)
    if (event !== undefined && enabled.length === this.#enabled.length) return event
    throw new HarnessError(
      'ERR_NONDETERMINISM',
      `an order that had been run went differently at step ${step}: first ${this.#enabled.join(', ')} could happen, then ${enabled.map(({ key }) => key).join(', ')}. Look for state in a module that survives from one schedule to the next`,
    )
  }
}

/** Follows the path of the search, and makes it longer. */
class OrderUnderWay implements SearchedOrder, Strategy {
  readonly name = 'exhaustive'
  readonly footprints = new Footprints()
  readonly #path: Choice[]
  readonly #reduces: boolean
  #depth = 0
  #counts = true

  constructor(path: Choice[], reduces: boolean) {
    this.#path = path
    this.#reduces = reduces
  }

  get strategy(): Strategy {
    return this
  }

  pick(enabled: readonly SimEvent[], step: number): SimEvent {
    this.#noteFootprint()
    if (!this.#counts) return earliest(enabled)
    const known = this.#path[this.#depth]
    if (known !== undefined) {
      this.#depth++
      return known.expectSame(enabled, step)
    }
    const asleep = this.#asleep()
    const event = enabled.find(({ key }) => !asleep.has(key))
    if (event === undefined) {
      this.#counts = false
      return earliest(enabled)
    }
    this.#depth = this.#path.push(
      new Choice(
        event.key,
        enabled.map(({ key }) => key),
        asleep,
      ),
    )
    return event
  }

  finish(): boolean {
    this.#noteFootprint()
    return this.#counts
  }

  /** What the last chosen event has touched is known once it has run. */
  #noteFootprint(): void {
    const last = this.#path[this.#depth - 1]
    if (last !== undefined && this.#counts) last.footprint = this.footprints.last
  }

  #asleep(): Map<string, Footprint> {
    return (this.#reduces ? this.#path.at(-1)?.asleepBehind() : undefined) ?? new Map()
  }
}
