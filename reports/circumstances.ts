import type { ScenarioRun } from '../harness/record.ts'
import { counted, duration } from './wording.ts'

/** What was run, and where: `world live`, `target pipeline`, `defect …`. */
export function circumstances(run: ScenarioRun): string[] {
  const defect = run.defect === null ? [] : [`defect ${run.defect}`]
  return [`world ${run.world}`, `target ${run.target}`, ...defect]
}

/** How much was run: clients, calls, rounds, time. */
export function scaleOf(run: ScenarioRun): string[] {
  const { clients, calls, rounds, durationMs } = run
  return [counted(clients, 'client'), counted(calls, 'call'), counted(rounds, 'round'), duration(durationMs)]
}
