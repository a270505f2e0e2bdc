import type { ErrorCode } from '../../errors.ts'
import type { Judged } from '../../explore/subject.ts'
import type { ScenarioSpec } from './load-subject.ts'

/** What the thread is started with that makes a failure small and tells it; or, when nothing failed, shows how it goes. */
export interface TellingTask {
  spec: ScenarioSpec
  seed: number
  strategy: string
  /** How many schedules there were to be. */
  schedules: number
  failure: FoundSchedule | null
  /** The command that shows it again. */
  replay: string
}

/** A schedule that was not valid, as it was found. */
export interface FoundSchedule {
  index: number
  seed: number
  strategy: string
  choices: readonly string[]
  judged: Judged
}

/** The schedule to tell of. */
export interface Told {
  seed: number
  judged: Judged
  /** How many events must be held back for it to fail; null when it did not fail, or could not be made small. */
  holds: number | null
  /** The failure as a story; null when there is none. */
  story: string | null
}

/** From the telling thread. */
export type TellingNews = { type: 'told'; told: Told } | { type: 'failed'; code: ErrorCode; message: string }
