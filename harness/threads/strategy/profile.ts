import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** How often each thread touched each location, by the first byte of the access. */
export type Counts = Map<number, number[]>

/** How often each thread touched a location in the schedule that runs. */
interface Tally {
  readonly at: number
  counts: number[]
  /** The schedule that these counts are of. */
  schedule: number
}

/**
 * What the schedules so far did: events of each thread, in all and at each location. Programs take branches, so the
 * largest count of any schedule is kept.
 */
export class Profile {
  /** The most events that a thread had in one schedule. */
  readonly events: number[] = []
  /** The most events that a thread had at a location in one schedule. */
  readonly locations: Counts = new Map()
  #events: number[] = []
  readonly #tallies = new Map<number, Tally>()
  /** Of the schedule that runs, in the order in which their locations were met. */
  #touched: Tally[] = []
  #schedule = 0

  get isEmpty(): boolean {
    return this.events.length === 0
  }

  /** The locations that more than one thread touched, in the order in which they were met. */
  shared(): number[] {
    return [...this.locations].filter(([, counts]) => counts.filter((count) => count > 0).length > 1).map(([at]) => at)
  }

  note({ thread, accesses }: Operation): void {
    this.#events[thread] = (this.#events[thread] ?? 0) + 1
    for (const { from } of accesses) {
      const { counts } = this.#tallyAt(from)
      counts[thread] = (counts[thread] ?? 0) + 1
    }
  }

  /** A schedule has ended: what it did is merged in. */
  close(): void {
    raise(this.events, this.#events)
    for (const { at, counts } of this.#touched) {
      const known = this.locations.get(at) ?? []
      raise(known, counts)
      this.locations.set(at, known)
    }
    this.#events = []
    this.#touched = []
    this.#schedule++
  }

  #tallyAt(at: number): Tally {
    const known = this.#tallies.get(at)
    if (known?.schedule === this.#schedule) return known
    const tally = known ?? { at, counts: [], schedule: 0 }
    if (known === undefined) this.#tallies.set(at, tally)
    tally.counts = []
    tally.schedule = this.#schedule
    this.#touched.push(tally)
    return tally
  }
}

/** The strategy; the profile learns from each of its schedules. */
export function profiled(strategy: Strategy, profile: Profile): Strategy {
  return {
    ...strategy,
    pick(enabled, pending) {
      const chosen = strategy.pick(enabled, pending)
      if (chosen !== null) profile.note(chosen)
      return chosen
    },
    end(pending) {
      profile.close()
      return strategy.end(pending)
    },
  }
}

/** Lifts each count to at least the other. Threads that are not mentioned count nothing. */
function raise(counts: number[], others: readonly number[]): void {
  for (let thread = 0; thread < Math.max(counts.length, others.length); thread++) {
    counts[thread] = Math.max(counts[thread] ?? 0, others[thread] ?? 0)
  }
}
