import type { Operation } from '../operation.ts'

/** Picks the thread that takes the next step, over many schedules of one program. */
export interface Strategy {
  readonly name: string
  /** A schedule begins. */
  begin(): void
  /**
   * One of the enabled operations; null gives the schedule up, because an equivalent one has been seen. The arrays are good
   * for this call only.
   */
  pick(enabled: readonly Operation[], pending: readonly Operation[]): Operation | null
  /** The schedule has ended, with these operations still waiting. False when there is nothing left to explore. */
  end(pending: readonly Operation[]): boolean
}
