/** What became of one seed: the first failure by a check that may catch the defect, and that failure made small. */
export interface Sought {
  seed: number
  /** How many schedules were run, the failing one included. */
  schedules: number
  /** The check that caught it; null when none did that may. */
  caughtBy: string | null
  /** Null when nothing was caught, or when it could not be made small. */
  small: Shrunk | null
}

/** One failure that was made small. */
export interface Shrunk {
  /** How long the failing schedule was. */
  steps: number
  holds: number
  /** How many schedules were run to make it small. */
  runs: number
  clients: number
  /** Processor time of all threads. */
  cpuMs: number
  /** How many of its five replays were the same failure and the same schedule. */
  sameReplays: number
}
