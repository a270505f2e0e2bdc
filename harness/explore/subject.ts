import type { Finding, Verdict } from '../check/verdict.ts'
import type { HistoryEvent } from '../history/event.ts'
import type { SimResult, Simulated, SimulateOptions } from '../sim/simulate.ts'

/**
 * What a schedule is run on, apart from its order. The seed feeds the data and all randomness of the world; the rest
 * makes the trial smaller, which is how shrinking works.
 */
export interface Variant {
  seed: number
  /** How many clients; as many as the subject has by itself when left out. */
  clients?: number
  /** Planned faults that do not happen, by the names that {@link Judged.faults} gave them. */
  withoutFaults?: readonly string[]
  /** Drawn operations that are left out, by the names that {@link Judged.calls} gave them. */
  withoutCalls?: readonly string[]
}

/** What is explored: a scenario in the simulated world, or a user's own function. */
export interface Subject {
  readonly name: string
  /** A trial with fresh state, which is run once. */
  trial(variant: Variant): Trial
}

/** One function to simulate, and what judges how it went. */
export interface Trial {
  readonly run: Simulated<unknown>
  readonly options: Omit<SimulateOptions, 'seed' | 'strategy'>
  judge(result: SimResult<unknown>): Judged
}

/** What came out of one schedule. */
export interface Judged {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  /** What clients did and saw, for the told failure; empty for subjects that record nothing. */
  readonly history: readonly HistoryEvent[]
  /** In which step of the schedule each event of the history was recorded; left out where nobody knows. */
  readonly recordedAt?: readonly number[]
  /** How many clients took part; 0 where the subject has none. */
  readonly clients: number
  /** The names of the planned faults. */
  readonly faults: readonly string[]
  /** The names of the drawn operations. */
  readonly calls: readonly string[]
  /** Why it proves nothing, where no check says so: sentences for a reader. */
  readonly notes?: readonly string[]
}
