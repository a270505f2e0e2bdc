import type { ErrorCode } from '../../errors.ts'
import type { Exploration } from '../../explore/exploration.ts'
import type { Judged } from '../../explore/subject.ts'
import type { ScenarioSpec } from './load-subject.ts'

/** What an exploring thread is started with. */
export interface ExplorationTask {
  spec: ScenarioSpec
  seed: number
  /** How many schedules are run at the most. */
  schedules: number
  /** The name of a strategy, or of the portfolio. */
  strategy: string
}

/** What was found, and one schedule to tell of: that which was not valid, else the natural one. */
export interface Explored {
  exploration: Exploration
  judged: Judged
}

/** From an exploring thread. */
export type ExplorationNews =
  | { type: 'progress'; schedules: number }
  | { type: 'done'; explored: Explored }
  | { type: 'failed'; code: ErrorCode; message: string }
