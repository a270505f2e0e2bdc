import type { LoadedScenario } from '../load-scenario.ts'
import { isFound, type Measured, proofOf } from './catch-claim.ts'
import type { Claim, Silence } from './claims.ts'
import type { DefectProof, SilenceProof } from './proof.ts'
import type { ProofProcess } from './proof-process.ts'
import type { CatchAnswer, SilenceAnswer } from './proof-task.ts'

export interface SimEvidence {
  readonly seeds: readonly number[]
  /** How many schedules each seed may have to find a defect. */
  readonly schedules: number
  readonly replays: number
  /** How many schedules the correct target must pass. */
  readonly silentSchedules: number
}

/** Shows a defect in the simulated world: in the first of its scenarios that catches it. */
export async function proveInSim(process: ProofProcess, claim: Claim, evidence: SimEvidence): Promise<DefectProof> {
  const needed = { replays: evidence.replays, within: `${evidence.schedules.toLocaleString('en-US')} schedules` }
  let measured: Measured | null = null
  for (const loaded of claim.scenarios) {
    measured = await measure(process, claim, loaded, evidence)
    if (isFound(claim, measured) && (measured.passes !== null || !claim.defect.race)) break
  }
  return proofOf(claim, measured, needed)
}

async function measure(
  process: ProofProcess,
  { defect }: Claim,
  { scenario, module }: LoadedScenario,
  { seeds, schedules, replays }: SimEvidence,
): Promise<Measured> {
  const task = {
    kind: 'catch',
    module,
    defect: defect.name,
    expected: defect.caughtBy,
    seeds,
    schedules,
    replays,
  } as const
  const answer = (await process.perform({ ...task, passes: defect.race })) as CatchAnswer
  const found = answer.found.map(({ schedules: took, checks }) => ({ took, checks }))
  return { ...answer, scenario: scenario.name, found }
}

/** Runs the correct target in the simulated world. */
export async function silentInSim(
  process: ProofProcess,
  { loaded: { scenario, module } }: Silence,
  { seeds, silentSchedules }: SimEvidence,
): Promise<SilenceProof> {
  const task = { kind: 'silence', module, seed: seeds[0] ?? 1, schedules: silentSchedules } as const
  const { schedules, alarms, alarm } = (await process.perform(task)) as SilenceAnswer
  return { target: scenario.target.name, scenario: scenario.name, world: 'sim', schedules, alarms, alarm }
}
