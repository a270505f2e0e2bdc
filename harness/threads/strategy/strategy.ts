import type { Operation } from '../operation.ts'

/** Picks the thread that takes the next step, over many schedules of one program. */
export interface Strategy {
  readonly name: string
  /** A schedule begins. */
  begin(): void
  /**
   * What is known of the next schedule before it begins: the threads of its first steps, all but the last one the same as in
   * the schedule before, where it is then offered nothing else to pick. Left out by strategies that do not go from one
   * schedule to the next. One that has it picks the same again when it begins a second time before the schedule has ended.
   */
  foretold?(): readonly number[]
  /**
   * One of the enabled operations; null gives the schedule up, because an equivalent one has been seen. The arrays are good
   * for this call only.
   */
  pick(enabled: readonly Operation[], pending: readonly Operation[]): Operation | null
  /** The schedule has ended, with these operations still waiting. False when there is nothing left to explore. */
  end(pending: readonly Operation[]): boolean
}
