/** The public API of raceproof, and the only file that re-exports. */
export type { BoundsOptions, RateBound, RefusalBound, SizeBound, StateBound } from './check/bounds.ts'
export type { Check, Judgement } from './check/check.ts'
export { judged, unseen } from './check/check.ts'
export { check } from './check/checks.ts'
export type { ContentionOptions } from './check/contention.ts'
export type { LockContention, LockProfile } from './check/contention-table.ts'
export { contentionProfile } from './check/contention-table.ts'
export type { DeliveryOptions } from './check/delivery.ts'
export type { Access, FreshnessOptions } from './check/freshness.ts'
export type { IdentityOptions } from './check/identity.ts'
export type { CheckResult, RunJudgement } from './check/judge.ts'
export { judgeAll } from './check/judge.ts'
export type { LatencyMs, LatencyOptions } from './check/latency.ts'
export type { Leak, LeftoversOptions, Slope } from './check/leaks.ts'
export { leakSlopes } from './check/leaks.ts'
export type { LifecycleOptions, Machine } from './check/lifecycle.ts'
export type { LinearizableOptions } from './check/linearizable/linearizable.ts'
export { models } from './check/linearizable/models.ts'
export type { Field, OneInstanceOptions } from './check/one-instance.ts'
export type { ProgressOptions } from './check/progress.ts'
export type { ServerErrorsOptions } from './check/server-errors.ts'
export type { SetFullOptions, SetFullTable } from './check/set-full.ts'
export { setFullTable } from './check/set-full.ts'
export type { LifeOfStream } from './check/stream-life.ts'
export type { Account, SurvivalOptions, Things } from './check/survival.ts'
export type { Finding, Verdict } from './check/verdict.ts'
export { mergeVerdicts } from './check/verdict.ts'
export type { Defect, DefectAbout, Parts } from './defect.ts'
export { defect, partsWith } from './defect.ts'
export type { ErrorCode } from './errors.ts'
export { HarnessError } from './errors.ts'
export type { Explored, ExploreOptions } from './explore/explore.ts'
export { ExplorationFailed, explore } from './explore/explore.ts'
export type { Fault, FaultableLink, FaultableProcess } from './fault/fault.ts'
export { fault } from './fault/faults.ts'
export type { Nemesis } from './fault/nemesis.ts'
export { nemesis } from './fault/nemesis.ts'
export type { Call, Outcome } from './history/calls.ts'
export { calls } from './history/calls.ts'
export type { History, HistoryEvent } from './history/event.ts'
export type { SubscriptionRecord } from './history/recorder.ts'
export { CallAbandoned, CallFailed } from './history/recorder.ts'
export type { Model } from './model.ts'
export { anything, impossible, model } from './model.ts'
export { Random } from './random.ts'
export type * from './record.ts'
export type { Crowd, Scale, Scenario, ScenarioDefinition, ScriptContext } from './scenario.ts'
export { scenario } from './scenario.ts'
export type { Program, ProgramMatch, SimChild } from './sim/process/program.ts'
export type {
  ClientContext,
  RunningTarget,
  SimStandIns,
  StartOptions,
  StdioLines,
  Target,
  TargetDefinition,
} from './target.ts'
export { defineTarget } from './target.ts'
export type {
  ThreadClient,
  ThreadCode,
  ThreadContext,
  ThreadExport,
  ThreadScale,
  ThreadScenario,
  ThreadScenarioDefinition,
} from './thread-scenario.ts'
export { threadScenario } from './thread-scenario.ts'
export type { FindingKind, ThreadFinding } from './threads/detect/finding.ts'
export type { ThreadsExplored } from './threads/exploration.ts'
export type { ExploreThreadsOptions } from './threads/explore-threads.ts'
export { exploreThreads, ThreadFailure } from './threads/explore-threads.ts'
export type { ThreadActions } from './threads/replay-fibers.ts'
export type { ThreadFunction, ThreadModule, ThreadProgram } from './threads/thread-program.ts'
export type { DrawnOperation, Operation } from './workload.ts'
export { operation, workload } from './workload.ts'
export type { WorldName } from './worlds.ts'
