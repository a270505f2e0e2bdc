import assert from 'node:assert/strict'
import type { DefectProof, SilenceProof } from '../../proof.ts'
import type { WorldName } from '../../worlds.ts'
import type { LoadedScenario } from '../load-scenario.ts'
import { hitsOf, isFound, type Measured, proofOf } from './catch-claim.ts'
import type { Claim, Silence } from './claims.ts'
import type { CatchAnswer, ProofProcess, ScheduledWorld, SilenceAnswer } from './proof-task.ts'

export interface ScheduledEvidence {
  readonly seeds: readonly number[]
  /** How many schedules each seed may have to find a defect. */
  readonly schedules: number
  readonly replays: number
  /** How many schedules the correct target must pass. */
  readonly silentSchedules: number
}

/** Shows a defect in a world whose schedule is controlled: in the first of its scenarios that catches it. */
export async function proveScheduled(
  process: ProofProcess,
  claim: Claim,
  evidence: ScheduledEvidence,
): Promise<DefectProof> {
  const needed = { replays: evidence.replays, within: `${evidence.schedules.toLocaleString('en-US')} schedules` }
  let best: Measured | null = null
  for (const loaded of claim.scenarios) {
    const measured = await measure(process, claim, loaded, evidence)
    if (best === null || hitsOf(claim, measured) >= hitsOf(claim, best)) best = measured
    if (isFound(claim, measured) && (measured.passes !== null || !claim.defect.race)) break
  }
  return proofOf(claim, best, needed)
}

async function measure(
  process: ProofProcess,
  { defect, world }: Claim,
  { scenario, module }: LoadedScenario,
  { seeds, schedules, replays }: ScheduledEvidence,
): Promise<Measured> {
  const { name, caughtBy: expected, race: passes } = defect
  const limits = { seeds, schedules, replays, passes }
  const task = { kind: 'catch', world: scheduled(world), module, defect: name, expected, ...limits } as const
  const answer = (await process.perform(task)) as CatchAnswer
  const found = answer.found.map(({ schedules: took, checks }) => ({ took, checks }))
  return { ...answer, scenario: scenario.name, found }
}

/** Runs the correct target in a world whose schedule is controlled. */
export async function silentScheduled(
  process: ProofProcess,
  { loaded: { scenario, module }, world }: Silence,
  { seeds, silentSchedules }: ScheduledEvidence,
): Promise<SilenceProof> {
  const limits = { seed: seeds[0] ?? 1, schedules: silentSchedules }
  const task = { kind: 'silence', world: scheduled(world), module, ...limits } as const
  const { kind: _, ...heard } = (await process.perform(task)) as SilenceAnswer
  return { target: scenario.target.name, scenario: scenario.name, world, ...heard }
}

function scheduled(world: WorldName): ScheduledWorld {
  assert(world !== 'live', 'nobody controls the schedule of the live world')
  return world
}
