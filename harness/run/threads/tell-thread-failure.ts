import type { Confirmation } from '../../record.ts'
import type { AnyThreadScenario } from '../../thread-scenario.ts'
import { choicesToken } from '../../threads/choices-token.ts'
import { drawColumns } from '../../threads/told.ts'
import type { ThreadTrial } from './thread-subject.ts'
import { rowsOf } from './told-rows.ts'

export interface ThreadFailureTold {
  /** The schedule that failed, from 1, and how many there were to be; left out when it is a replay. */
  found?: { number: number; of: number; strategy: string }
  seed: number
  /** What real workers made of it; left out when they were not asked. */
  workers?: Confirmation
  /** The command that shows it again. */
  replay: string
}

/** The story of a failing schedule: what is wrong, every step in the column of its thread, and how to see it again. */
export function tellThreadFailure(
  { name, threads }: AnyThreadScenario,
  trial: ThreadTrial,
  { found, seed, replay, workers }: ThreadFailureTold,
): string {
  const causes = trial.findings.slice(0, 1).flatMap(({ likelyCause }) => likelyCause ?? [])
  const where = found === undefined ? '' : ` in schedule ${found.number} of ${found.of} (${found.strategy})`
  return [
    `${name} fails${where}`,
    '',
    ...trial.findings.map(({ check, message }) => `  ${check}: ${message}`),
    '',
    ...drawColumns(rowsOf(trial), threads.length).map((line) => `  ${line}`.trimEnd()),
    '',
    ...causes.map((cause) => `  Likely cause: ${cause}`),
    `  steps   ${choicesToken(trial.choices)}`,
    `  seed    ${seed}`,
    ...(workers === undefined ? [] : [`  workers ${workers.told}`]),
    `  replay  ${replay}`,
  ].join('\n')
}
