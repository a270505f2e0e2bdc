import { contentionProfile } from '../check/contention-table.ts'
import { doubleLoadCount } from '../check/double-loads.ts'
import type { RunJudgement } from '../check/judge.ts'
import { latencyTable } from '../check/latency.ts'
import { leakSlopes, leaksOf } from '../check/leaks.ts'
import { nothingCompleted, somethingCompleted } from '../check/progress.ts'
import { mergeVerdicts } from '../check/verdict.ts'
import type { History } from '../history/event.ts'
import type { Confirmation, FailingSchedule, ReportedFinding, ScenarioRun } from '../record.ts'
import type { RunnableScenario } from '../thread-scenario.ts'
import type { WorldName } from '../worlds.ts'

/** What a run is told by, beside its history and what the checks say of it. */
export interface RunFacts {
  scenario: RunnableScenario
  world: WorldName
  defect: string | null
  seed: number
  clients: number
  rounds: number
  durationMs: number
  /** The history's file, relative to the run's folder. */
  history: string
  replay: string
  notes: string[]
  /** The run did not go as planned, so that silence of the checks proves nothing: at best its verdict is `unknown`. */
  inconclusive: boolean
  /** What was explored; null where the order of events is not controlled. */
  explored: Explored | null
}

/** How much of what can happen was tried. */
export interface Explored {
  schedules: number
  distinct: number
  exhausted: boolean
  traceHash: string
  /** Calls of all schedules. */
  calls: number
  /** The failure as a story; null when there is none. */
  story: string | null
  failing: FailingSchedule | null
  /** What real workers made of it; null where none are run. */
  workers: Confirmation | null
  /** What a repro shows again: the seed of the failing schedule, the file, and how many holds it takes. */
  failure: Pick<ReportedFinding, 'seed' | 'repro' | 'holds'> | null
}

/** Tells a run: its verdict, its findings, and the tables drawn from its history. */
export function summarize(history: History, judgement: RunJudgement, facts: RunFacts): ScenarioRun {
  const { scenario, inconclusive, explored, ...told } = facts
  const verdict = mergeVerdicts(inconclusive ? [judgement.verdict, 'unknown'] : [judgement.verdict])
  const again = explored?.failure ?? { seed: facts.seed, repro: null, holds: null }
  return {
    ...told,
    scenario: scenario.name,
    promise: scenario.promise,
    source: scenario.source,
    target: scenario.target.name,
    verdict,
    notes: [...facts.notes, ...(verdict === 'unknown' ? silence(history, judgement) : [])],
    calls: explored?.calls ?? history.filter(({ type }) => type === 'invoke').length,
    schedules: explored?.schedules ?? null,
    distinct: explored?.distinct ?? null,
    exhausted: explored?.exhausted ?? null,
    traceHash: explored?.traceHash ?? null,
    story: explored?.story ?? null,
    failing: explored?.failing ?? null,
    workers: explored?.workers ?? null,
    checks: judgement.results,
    findings: judgement.findings.map((finding) => ({ ...finding, ...again })),
    leaks: leaksOf(history),
    growth: leakSlopes(history).filter(({ counts }) => new Set(counts).size > 1),
    doubleLoads: doubleLoadCount(history),
    contention: contentionProfile(history),
    latencyMs: latencyTable(history),
    faults: faultTable(history),
    profile: null,
  }
}

/** That nothing completed, where no check says so. */
function silence(history: History, { results }: RunJudgement): string[] {
  const isSaid = results.some(({ reason }) => reason !== null)
  return isSaid || somethingCompleted(history) ? [] : [`Nothing can be said: ${nothingCompleted(history)}.`]
}

/** How often each fault was put on. */
function faultTable(history: History): ScenarioRun['faults'] {
  const times = new Map<string, number>()
  for (const event of history) {
    if (event.type === 'fault' && event.action === 'start') times.set(event.fault, (times.get(event.fault) ?? 0) + 1)
  }
  return [...times].map(([fault, count]) => ({ fault, times: count }))
}
