import type { SimEvent } from '../core/event.ts'

/** Picks the next step of a schedule; everything else about the schedule is decided by the seed. */
export interface Strategy {
  readonly name: string
  /** One of the events that can happen now. There is at least one; the list is reused, so it must not be kept. */
  pick(enabled: readonly SimEvent[], step: number): SimEvent
}

/** What strategies know of a subject before they begin: how its natural schedule went. Equal in every worker. */
export interface Profile {
  readonly steps: number
  /** How many events each lane had, by the lane's key. */
  readonly eventsByLane: ReadonlyMap<string, number>
}

/** Makes a strategy for each schedule. What it makes depends on the arguments alone, so that workers agree. */
export interface StrategyMaker {
  readonly name: string
  make(seed: number, profile: Profile): Strategy
}
