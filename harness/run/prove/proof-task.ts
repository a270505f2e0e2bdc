import type { Confirmation } from '../../record.ts'
import type { WorldName } from '../../worlds.ts'
import type { TaskProcess } from '../task-process.ts'

/** The worlds that run schedules, and more of them than one could run live. */
export type ScheduledWorld = Exclude<WorldName, 'live'>

/** What a proof process is asked to do. */
export type ProofTask = CatchTask | SilenceTask

interface OnScenario {
  world: ScheduledWorld
  /** The URL of the scenario's module. */
  module: string
  /** At most, for each seed. */
  schedules: number
}

/** Find a defect with each seed, make the first failure small, and show it again. */
export interface CatchTask extends OnScenario {
  kind: 'catch'
  defect: string
  /** The checks that may catch it. */
  expected: readonly string[]
  seeds: readonly number[]
  /** How often the small failure is shown again. */
  replays: number
  /** Whether an order is looked for in which the wrong code passes. */
  passes: boolean
}

/** Run the correct target, and count what is not valid. */
export interface SilenceTask extends OnScenario {
  kind: 'silence'
  seed: number
}

/** What one seed found. */
export interface Found {
  seed: number
  /** How many schedules were run, the failing one included. */
  schedules: number
  /** The checks that fired in them; none when all passed. */
  checks: string[]
}

export interface CatchAnswer {
  kind: 'catch'
  found: Found[]
  /** How many events the small failure holds back, or how often it switches threads; null when there is none. */
  holds: number | null
  replayed: number | null
  /** What real workers made of the small failure; null in a world that runs none, and without a failure. */
  workers: Confirmation | null
  /** Null when none was seen, or none was looked for. */
  passes: string | null
}

export interface SilenceAnswer {
  kind: 'silence'
  schedules: number
  /** How many of them were wrong, and how many nobody could judge. */
  alarms: number
  unjudged: number
  alarm: string | null
}

export type ProofAnswer = CatchAnswer | SilenceAnswer

/** A process in which defects are shown. */
export type ProofProcess = TaskProcess<ProofTask, ProofAnswer>
