/** One failure that was made small. */
export interface Shrunk {
  seed: number
  /** How many schedules it took to find it. */
  schedules: number
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
