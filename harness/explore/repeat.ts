import { HarnessError } from '../errors.ts'
import type { ScheduleRun } from './schedule-plan.ts'

/** One schedule in so many is run a second time and compared. */
export const repeatedShare = 100

/** Whether a schedule is among those that are run twice: the second one, so that it shows early, and every 100th. */
export function isRepeated(index: number): boolean {
  return index % repeatedShare === 1
}

/**
 * Throws `ERR_NONDETERMINISM` when a schedule that was run twice went differently, with the first event that differs and
 * what that usually comes from. Until that is put right nothing that the exploration says could be seen again.
 */
export function expectSame(first: ScheduleRun, second: ScheduleRun): void {
  if (first.result.hash === second.result.hash) return
  const [one, other] = [first.result.trace, second.result.trace]
  const place = one.findIndex((line, index) => line !== other[index])
  const step = place < 0 ? one.length : place
  throw new HarnessError(
    'ERR_NONDETERMINISM',
    `schedule ${first.index} (seed ${first.seed}, ${first.strategy}) was run twice and went differently at step ${step}: ` +
      `first ${shown(one[step])}, then ${shown(other[step])}. ${sourceOf(one, other, step)}`,
  )
}

function shown(line: string | undefined): string {
  return line === undefined ? 'nothing more' : `'${line}'`
}

/** Where it usually comes from, by what differs: the bytes of one event, its time, or the event itself. */
function sourceOf(one: readonly string[], other: readonly string[], step: number): string {
  const [a, b] = [one[step]?.split(' ') ?? [], other[step]?.split(' ') ?? []]
  if (a[1] !== undefined && a[1] === b[1]) {
    return a[0] === b[0]
      ? 'The same event carried other bytes: look for a counter, a cache or an id in a module that survives from one schedule to the next, or for randomness and clocks that were taken before raceproof/register was loaded.'
      : 'The same event came at another time: look for a clock or a timer that was taken before raceproof/register was loaded.'
  }
  return 'Another event came: look for state in a module that survives from one schedule to the next (a cache, a pool, an agent), or for a builtin that was taken before raceproof/register was loaded.'
}
