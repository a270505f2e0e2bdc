import type { SimResult } from '../../sim/simulate.ts'
import type { Attempt, Attempts, Look } from '../shrink/attempt.ts'
import type { Judged } from '../subject.ts'

/**
 * Runs a failing schedule once more, with what is too slow to be done for every schedule: what was left open says where it
 * was opened, and what never ends says what it waits for. The attempt itself where neither is asked, or where the repetition
 * would be another schedule.
 */
export function closerLook(attempts: Attempts, attempt: Attempt): Attempt {
  const look = lookFor(attempt)
  if (look === null) return attempt
  const again = attempts.run(attempt.variant, attempt.holds, look)
  return again.result.hash === attempt.result.hash && attempts.isSame(again.judged) ? again : attempt
}

function lookFor({ result, judged }: { result: SimResult<unknown>; judged: Judged }): Look | null {
  const places = judged.findings.some(({ check }) => check === 'leftovers')
  const isStuck = result.status === 'idle' || result.status === 'time-bound'
  const watch = isStuck || result.findings.some(({ kind }) => kind === 'real-work')
  return places || watch ? { places, watch } : null
}
