import type { AnyThreadScenario } from '../../thread-scenario.ts'
import { usualStuckMs } from '../../threads/watch/stuck-watch.ts'
import type { ThreadTrial } from './thread-subject.ts'

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

/** How long a thread of a scenario may run between two operations. */
export function stuckMsOf({ scale }: AnyThreadScenario): number {
  return scale.threads.stuckMs ?? usualStuckMs
}

/** A scenario, as errors name it. */
export function nameOf({ name }: AnyThreadScenario): string {
  return `thread scenario '${name}'`
}
