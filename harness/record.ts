import type { LockProfile } from './check/contention-table.ts'
import type { CheckResult } from './check/judge.ts'
import type { LatencyMs } from './check/latency.ts'
import type { Leak, Slope } from './check/leaks.ts'
import type { Finding, Verdict } from './check/verdict.ts'

/**
 * `run.json`: the truth about one invocation of `raceproof run`. The JSON Schema is `harness/run.schema.json`; every
 * report is rendered from this and the history beside it.
 */
export interface RunRecord {
  version: 1
  verdict: Verdict
  seed: number
  /** Wall-clock start, ISO 8601. */
  startedAt: string
  durationMs: number
  machine: { node: string; platform: string; cpus: number; memoryMiB: number }
  runs: ScenarioRun[]
  /** Closed-loop saturation of an HTTP route, when it was measured. */
  saturation: Saturation | null
  /** Why the verdict is `unknown`, what was skipped, what ended early: sentences for a reader. */
  notes: string[]
}

/** One scenario in one world. */
export interface ScenarioRun {
  scenario: string
  promise: string
  source: string
  world: string
  target: string
  defect: string | null
  verdict: Verdict
  seed: number
  clients: number
  calls: number
  rounds: number
  durationMs: number
  /** Null in the live world, which does not control the schedule. */
  schedules: number | null
  distinct: number | null
  exhausted: boolean | null
  traceHash: string | null
  /** How the failing schedule went, step by step in columns, as text; null when none failed, and in the live world. */
  story: string | null
  /** The same as data: what was held back, and the time-line's rows. */
  failing: FailingSchedule | null
  /** What real `worker_threads` made of the failing schedule; null outside the thread world, and when none failed. */
  workers: Confirmation | null
  checks: CheckResult[]
  findings: ReportedFinding[]
  leaks: Leak[]
  /** How what is counted at rest changed from round to round, where it changed; a leak is one kind of growth. */
  growth: Slope[]
  doubleLoads: number
  /** One row for every lock that was used, also when nobody waited. */
  contention: LockProfile[]
  latencyMs: Record<string, LatencyMs>
  faults: { fault: string; times: number }[]
  /** The history's file, relative to the run's folder. */
  history: string
  /** The command that runs it again. */
  replay: string
  /** The page of a profile of the target, relative to the run's folder, when one was asked for and could be made. */
  profile: string | null
  notes: string[]
}

/** What real `worker_threads` made of a failing schedule of threads. */
export interface Confirmation {
  /** They took the same steps, saw the same values, and failed in the same way. */
  confirmed: boolean
  /** The same in words; when they did not, where they first went another way, or why they could not be asked. */
  told: string
}

/** A failing schedule, made small, as a reader can follow it. */
export interface FailingSchedule {
  /** What was held back in the natural order of events, by keys such as `fs#4/0`. */
  holds: { event: string; until: string }[]
  /** The processes and clients that the rows are about. */
  actors: string[]
  rows: {
    /** Its place in the time-line, from 1. */
    time: number
    /** How many steps of the schedule were over. */
    step: number
    /** In virtual time. */
    timeMs: number
    actor: string
    /** The event's key, of a step; null for what a client did or saw. */
    key: string | null
    what: string
    /** `due`: it could have happened and is held back; `held`: it happens after that; `awaited`: that was waited for. */
    part: 'due' | 'held' | 'awaited' | 'call' | 'failure' | 'step'
  }[]
  /** How many steps the schedule has. */
  steps: number
}

/** A finding as it is reported; `repro` and `holds` are null where the schedule is not controlled. */
export interface ReportedFinding extends Finding {
  seed: number
  repro: string | null
  holds: number | null
}

export interface Saturation {
  url: string
  requests: number
  connections: number
  requestsPerSecond: number
  latencyMs: { p50: number; p99: number; max: number }
  /** Requests that were answered, with another status. */
  non2xx: number
  /** Requests that were not answered at all. */
  errors: number
}
