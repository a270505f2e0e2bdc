import type { Verdict } from './check/verdict.ts'
import type { Confirmation } from './record.ts'
import type { WorldName } from './worlds.ts'

/** What was shown of one defect in one world. */
export interface DefectProof {
  name: string
  world: WorldName
  target: string
  /** Where the bug was reported. */
  source: string
  /** Some legal orders pass and some fail. */
  race: boolean
  /** Found by a check that may catch it, with as many seeds as are asked for, and shown again each time. */
  caught: boolean
  /** The checks that caught it, of those that may; the ones that fired most often first. */
  by: string[]
  expected: string[]
  /** The scenario that found it. */
  scenario: string | null
  /** How many schedules it took, the median over the seeds; null in the live world, which has none. */
  schedulesMedian: number | null
  /** How long it took live, in seconds, the median over the runs; null in the other worlds. */
  secondsMedian: number | null
  /** How many events the smallest failure holds back; in the thread world, how often it switches threads. */
  holds: number | null
  /** How often the smallest failure was shown again, of {@link DefectProof.replays}; null where nothing is replayed. */
  replayed: number | null
  replays: number | null
  /** What real `worker_threads` made of the smallest failure; null in the other worlds, which run none. */
  workers: Confirmation | null
  seeds: number
  found: number
  /** For a race: an order in which the wrong code passes, such as `schedule 3 of seed 1`; null when none was seen. */
  passes: string | null
  /** Runs it by hand. */
  command: string
  /** What is missing, in words; null when it was caught. */
  missing: string | null
}

/** What the correct target did under a scenario. */
export interface SilenceProof {
  target: string
  scenario: string
  world: WorldName
  /** How many schedules were run; live, how many rounds. */
  schedules: number
  /** How many of them were wrong; live, how many findings there were. */
  alarms: number
  /** How many of them nobody could judge; where that is so of all, the silence proves nothing. */
  unjudged: number
  /** The first alarm, in words. */
  alarm: string | null
}

/** What `raceproof prove` has to say. */
export interface ProveRecord {
  verdict: Verdict
  seeds: number
  durationMs: number
  defects: DefectProof[]
  silent: SilenceProof[]
  /** What was not shown, and why. */
  notes: string[]
}
