import { HarnessError } from '../../errors.ts'
import type { AnyThreadScenario } from '../../thread-scenario.ts'
import type { ThreadTrial } from './thread-subject.ts'

const usualStuckMs = 10_000

/** Thrown through a schedule that was ended, because a thread of it never came back. */
export class StuckSchedule extends Error {
  /** How far it came, and which thread it is. */
  readonly trial: ThreadTrial

  constructor(trial: ThreadTrial) {
    super(trial.findings[0]?.message)
    this.name = 'StuckSchedule'
    this.trial = trial
  }
}

/** The code around the threads does not come to its end, so that no schedule can be run. */
export function stuckAround(scenario: string, stuckMs: number): HarnessError {
  return new HarnessError(
    'ERR_SCENARIO_INVALID',
    `thread scenario '${scenario}': setup, final or a check has not come to its end within ${stuckMs / 1_000} s: ` +
      'expected code that does not wait, since no thread runs meanwhile',
  )
}

/** A schedule took too long once and not when it was run again, so that it is no thread of it that is stuck. */
export function onlySlow(scenario: string, stuckMs: number): HarnessError {
  return new HarnessError(
    'ERR_SCENARIO_INVALID',
    `thread scenario '${scenario}': schedules took more than ${stuckMs / 1_000} s, and went on when one was run again: ` +
      'expected a machine with time for them; run it with less beside it, or raise scale.stuckMs',
  )
}

/** How long a thread of a scenario may run between two operations. */
export function stuckMsOf({ scale }: AnyThreadScenario): number {
  return scale.threads.stuckMs ?? usualStuckMs
}
