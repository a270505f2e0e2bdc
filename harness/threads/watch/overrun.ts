import { HarnessError } from '../../errors.ts'

/** The code around the threads does not come to its end, so that no schedule can be run. `who` explores them. */
export function stuckAround(who: string, stuckMs: number): HarnessError {
  return new HarnessError(
    'ERR_SCENARIO_INVALID',
    `${who}: setup, final or a check has not come to its end within ${stuckMs / 1_000} s: ` +
      'expected code that does not wait, since no thread runs meanwhile',
  )
}

/** A schedule took too long once and not when it was run again, so that it is no thread of it that is stuck. */
export function onlySlow(who: string, stuckMs: number): HarnessError {
  return new HarnessError(
    'ERR_SCENARIO_INVALID',
    `${who}: schedules took more than ${stuckMs / 1_000} s, and went on when one was run again: ` +
      'expected a machine with time for them; run it with less beside it, or raise stuckMs',
  )
}
