import { HarnessError } from '../errors.ts'
import { abandonSchedule } from '../sim/simulate.ts'
import { busyLine } from '../watch/busy-line.ts'
import { TimeLimitReached, withTimeLimit } from '../watch/time-limit.ts'
import type { Outcome } from './exploration.ts'
import type { ScheduleName } from './pool-messages.ts'
import type { Judged } from './subject.ts'

/**
 * Runs code that plays schedules, for at most so long. The keys of the events up to the one in which it was ended, none when it
 * was outside of a schedule; null when it came to its end.
 */
export function endedIn(limitMs: number, code: () => unknown): readonly string[] | null {
  let choices: readonly string[] = []
  try {
    withTimeLimit(limitMs, code, () => {
      choices = abandonSchedule()
    })
    return null
  } catch (thrown) {
    if (thrown instanceof TimeLimitReached) return choices
    throw thrown
  }
}

/** A schedule that is not one of an exploration took too long, and was ended. */
export class ScheduleEnded extends Error {
  /** The keys of its events until then. */
  readonly choices: readonly string[]

  constructor(choices: readonly string[]) {
    super('a schedule took too long, and was ended')
    this.name = 'ScheduleEnded'
    this.choices = choices
  }
}

/** Plays a schedule, for at most so long. Throws a {@link ScheduleEnded}. */
export function playedWithin<Played>(limitMs: number, play: () => Played): Played {
  let played: { of: Played } | undefined
  const ended = endedIn(limitMs, () => {
    played = { of: play() }
  })
  if (ended !== null) throw new ScheduleEnded(ended)
  return played!.of
}

/**
 * What there is to say of a schedule that was ended in the last of these events. It is played once more, to see whether it comes
 * further, and where its code is. Throws `ERR_SCENARIO_INVALID` when it was merely slow.
 */
export function endedOutcome(
  schedule: ScheduleName,
  choices: readonly string[],
  playAgain: () => unknown,
  stuckMs: number,
): Outcome {
  let again: readonly string[] | null = null
  const line = busyLine(
    () => {
      again = endedIn(stuckMs, playAgain)
    },
    (place) => place,
  )
  if (String(again) !== String(choices)) throw onlySlow(schedule, stuckMs)
  return stuckOutcome(schedule, stuckMs / 1000, line)
}

/** A schedule took too long once, and came further when it was played again, so that nothing in it is stuck. */
function onlySlow({ index, seed }: ScheduleName, stuckMs: number): HarnessError {
  return new HarnessError(
    'ERR_SCENARIO_INVALID',
    `schedule ${index + 1} (seed ${seed}) took more than ${stuckMs / 1000} s, and came further when it was played again: ` +
      'expected a machine with time for it; run it with less beside it, let it do less, or raise stuckMs',
  )
}

/** What there is to say of a schedule that never comes back; `line` is where its code is, as far as that is known. */
export function stuckOutcome({ index, seed, strategy }: ScheduleName, seconds: number, line: string | null): Outcome {
  const where = line === null ? '' : `; it is at ${line}`
  const message = `schedule ${index + 1} (seed ${seed}, ${strategy}) never came back: one callback has kept the processor for more than ${seconds} s, as an endless loop does${where}`
  const judged: Judged = {
    verdict: 'invalid',
    findings: [
      {
        check: 'progress',
        message,
        clients: [],
        evidence: [],
        likelyCause: 'A loop that never awaits goes on for ever.',
      },
    ],
    history: [],
    clients: 0,
    faults: [],
    calls: [],
  }
  const told = { choices: [], judged }
  return { index, seed, strategy, hash: '', order: '', verdict: 'invalid', calls: 0, repeated: false, told }
}
