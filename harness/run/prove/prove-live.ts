import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Defect } from '../../defect.ts'
import type { DefectProof, SilenceProof } from '../../proof.ts'
import type { ScenarioRun } from '../../record.ts'
import type { RunnableScenario } from '../../thread-scenario.ts'
import { stress } from '../stress.ts'
import { isFound, type Measured, proofOf } from './catch-claim.ts'
import type { Claim, Silence } from './claims.ts'

export interface LiveEvidence {
  /** How long each run may play. */
  readonly seconds: number
  /** Where histories are written, until they have been judged. */
  readonly folder: string
  readonly signal: AbortSignal
}

/**
 * How long nothing may happen before a run takes it that nothing will: shorter than in a run by hand, of which there are not hundreds.
 * It holds for correct code too, so that silence is shown under the harder rule.
 */
const settleMs = 3_000

/** Nobody controls the live world's schedule, so that none can be made small or shown again. */
const nothingReplayed = { holds: null, replayed: null, workers: null, passes: null }

/** Shows a defect live: in the first of its scenarios that catches it with each of the seeds. */
export async function proveLive(claim: Claim, seeds: readonly number[], evidence: LiveEvidence): Promise<DefectProof> {
  let measured: Measured | null = null
  for (const { scenario } of claim.scenarios) {
    const found: Measured['found'][number][] = []
    for (const seed of seeds) {
      const run = await play(scenario, claim.defect, { ...evidence, seed })
      found.push({ took: run.durationMs / 1000, checks: run.findings.map(({ check }) => check) })
      if (!isFound(claim, { ...nothingReplayed, scenario: scenario.name, found })) break
    }
    measured = { ...nothingReplayed, scenario: scenario.name, found }
    if (isFound(claim, measured)) break
  }
  return proofOf(claim, measured, { replays: null, within: `${evidence.seconds} s` })
}

/** Plays a scenario live on the correct target, at its own scale. */
export async function silentLive({ loaded }: Silence, evidence: LiveEvidence): Promise<SilenceProof> {
  const { scenario } = loaded
  const run = await play(scenario, null, {
    ...evidence,
    seconds: scenario.scale.live?.seconds ?? evidence.seconds,
    seed: 1,
  })
  const [first] = run.findings
  return {
    target: scenario.target.name,
    scenario: scenario.name,
    world: 'live',
    schedules: run.rounds,
    alarms: run.findings.length,
    unjudged: run.verdict === 'unknown' ? run.rounds : 0,
    alarm: first === undefined ? (run.notes[0] ?? null) : `${first.check}: ${first.message}`,
  }
}

async function play(
  scenario: RunnableScenario,
  defect: Defect | null,
  { seed, seconds, folder, signal }: LiveEvidence & { seed: number },
): Promise<ScenarioRun> {
  assert(scenario.kind === 'scenario', 'threads have no live world')
  const scale = scenario.scale.live!
  const runDir = join(folder, `${scenario.name}-${defect?.name ?? 'correct'}-${seed}`)
  try {
    return await stress(scenario, {
      defect,
      seed,
      clients: scale.clients,
      seconds,
      ...(scale.rounds === undefined ? {} : { rounds: scale.rounds }),
      runDir,
      settleMs,
      launch: { kind: 'host' },
      signal,
      progress() {},
      replayCommand: '',
    })
  } finally {
    await rm(runDir, { recursive: true, force: true })
  }
}
