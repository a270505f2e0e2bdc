import type { SimEvent } from '../core/event.ts'

/** Picks the next step of a schedule; everything else about the schedule is decided by the seed. */
export interface Strategy {
  readonly name: string
  /** One of the events that can happen now. There is at least one; the list is reused, so it must not be kept. */
  pick(enabled: readonly SimEvent[], step: number): SimEvent
}
