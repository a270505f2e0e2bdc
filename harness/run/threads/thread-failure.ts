import type { FailingSchedule } from '../../record.ts'
import { parseChoices } from '../../threads/choices-token.ts'
import { shrink, switchesOf } from '../../threads/shrink.ts'
import { follow } from '../../threads/strategy/follow.ts'
import type { Strategy } from '../../threads/strategy/strategy.ts'
import type { ThreadSubject, ThreadTrial } from './thread-subject.ts'
import { rowsOf } from './told-rows.ts'

/** So many schedules are run to make one small: threads with event loops take some milliseconds for each. */
const attemptsMax = 300

/** A failing schedule, made small, with its steps. */
export interface SmallThreadFailure {
  readonly trial: ThreadTrial
  /** How often another thread goes on than the one before. */
  readonly switches: number
}

/**
 * Makes a failing schedule small: the fewest switches between threads that still break the same promise, that of the first
 * finding unless another check is named. Null when the schedule, played again, does not fail.
 */
export function shrinkThreadFailure(
  subject: ThreadSubject,
  failed: ThreadTrial,
  { seed, check = failed.findings[0]?.check }: { seed: number; check?: string | undefined },
): Promise<SmallThreadFailure | null> {
  return subject.inWorld(() => {
    // What is stuck takes its time, each time, and is told as it is.
    if (failed.ran === null) return { trial: failed, switches: switchesOf(failed.choices) }
    const attempt = (strategy: Strategy) => {
      const { ran, findings, choices } = subject.limitedTrial(strategy, { seed })
      return ran !== null && findings.some((finding) => finding.check === check) ? choices : null
    }
    if (attempt(follow(failed.choices)) === null) return null
    const { choices, switches } = shrink(attempt, failed.choices, { schedules: attemptsMax })
    return { trial: subject.trial(follow(choices), { seed, tell: true }), switches }
  })
}

/** Plays a schedule again, with its steps. Throws `ERR_USAGE` when the text stands for no schedule. */
export function replayChoices(subject: ThreadSubject, choices: string, seed: number): Promise<ThreadTrial> {
  const strategy = follow(parseChoices(choices))
  return subject.inWorld(() => subject.limitedTrial(strategy, { seed, tell: true }))
}

/** The schedule as data, for reports that draw it themselves. */
export function failingScheduleOf(trial: ThreadTrial): FailingSchedule {
  const rows = rowsOf(trial)
  const decisive = rows.findLast(({ interrupts }) => interrupts)
  return {
    holds: [],
    actors: [...new Set(rows.map(({ thread }) => `t${thread}`))].sort(),
    rows: rows.map((row, at) => ({
      time: at + 1,
      step: row.step,
      timeMs: row.step,
      actor: `t${row.thread}`,
      key: row.place,
      what: row.text,
      part: row === decisive ? 'held' : row.kind,
    })),
    steps: trial.steps.length,
  }
}
