import type { ScheduledWorld } from '../../harness/run/prove/proof-task.ts'

/** What a process that looks is asked to do: run some schedules of a scenario until one of them is wrong. */
export interface ScheduledLook {
  readonly world: ScheduledWorld
  /** The URL of the scenario's module. */
  readonly module: string
  readonly seed: number
  /**
   * Which schedules of the seed, by their indices, in the simulated world. That of threads chooses each schedule by the
   * one before, so that there only their number counts.
   */
  readonly schedules: readonly number[]
  /** The mutant that is on; null for the correct code. */
  readonly mutant: number | null
}

/** What was seen. */
export interface Seen {
  /** The checks that failed, or how else a schedule went wrong; null when none did. */
  readonly wrong: string | null
  /** The schedules of which a check could not know; of threads, the first for all of them. */
  readonly unjudged: readonly number[]
  /** Of each schedule, the mutants whose places it reached; of threads, all of them under the first. */
  readonly reached: readonly { readonly schedule: number; readonly mutants: readonly number[] }[]
  /** How much of a processor it took. */
  readonly cpuMs: number
}

/** Who can look. */
export interface Looker {
  look(task: ScheduledLook): Promise<Seen>
}
