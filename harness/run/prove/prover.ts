import type { Confirmation } from '../../record.ts'
import type { CatchTask, Found, SilenceAnswer, SilenceTask } from './proof-task.ts'

/** So many schedules are looked at for one that passes. */
export const passingAmong = 300

/** What shows things in a world whose schedule is controlled, on one scenario with one variant of the target. */
export interface Prover<Failure> {
  /** Runs schedules until a check fires that may catch the defect; others may fire before. */
  look(seed: number, task: CatchTask): Promise<Found & { failure: Failure | null }>
  /** Makes a failure small; null when it cannot be repeated. */
  shrink(failure: Failure, seed: number): Promise<Small | null>
  /** The first schedule of a seed that is valid, in words; null when there is none among the first. */
  passingOrder(seed: number): Promise<string | null>
  /** Runs schedules, and counts those that are not valid. */
  silence(task: SilenceTask): Promise<SilenceAnswer>
}

/** A failure that was made small. */
export interface Small {
  readonly holds: number
  /** Whether it is the same failure and the same schedule, to the byte, when it is shown again. */
  isSameAgain(): Promise<boolean>
  /** What real workers make of it; null in a world that runs none. */
  confirm(): Promise<Confirmation | null>
}
