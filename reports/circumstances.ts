import type { ScenarioRun } from '../harness/record.ts'
import { counted, duration } from './wording.ts'

/** What was run, and where: `world live`, `target pipeline`, `defect …`. */
export function circumstances(run: ScenarioRun): string[] {
  const defect = run.defect === null ? [] : [`defect ${run.defect}`]
  return [`world ${run.world}`, `target ${run.target}`, ...defect]
}

/** How much was run: clients, calls, rounds or schedules, time. */
export function scaleOf(run: ScenarioRun): string[] {
  const { clients, calls, durationMs } = run
  return [counted(clients, 'client'), counted(calls, 'call'), repeatsOf(run), duration(durationMs)]
}

/** How often it was tried: in rounds, or in how many orders. */
export function repeatsOf({ rounds, schedules, distinct, exhausted, verdict }: ScenarioRun): string {
  if (schedules === null) return counted(rounds, 'round')
  const proved = verdict === 'valid' ? 'proved: ' : ''
  // Some were run more than once, before all were gone through.
  if (exhausted && schedules !== distinct) return `${proved}all orders, in ${counted(schedules, 'schedule')}`
  if (exhausted) return `${proved}all ${counted(schedules, 'order')}`
  return `${counted(schedules, 'schedule')}, ${distinct} distinct`
}
