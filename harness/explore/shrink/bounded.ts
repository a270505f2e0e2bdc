import type { Judged, Subject, Trial } from '../subject.ts'

/** A smaller failure takes about as long as the one that was found, or less. */
const timesAsLong = 4
const moreSteps = 1000

/** How long a schedule may become while a failure of so many steps is made small. */
export function longestFor(steps: number): number {
  return timesAsLong * steps + moreSteps
}

/**
 * The subject, with schedules that are cut off after so many steps and then show nothing. With something left out, a program
 * may wait for what never comes until its time is over: one such schedule costs as much as a hundred that matter.
 */
export function bounded(subject: Subject, steps: number): Subject {
  return { name: subject.name, trial: (variant) => boundedTrial(subject.trial(variant), steps) }
}

function boundedTrial(trial: Trial, steps: number): Trial {
  const { maxSteps = Number.POSITIVE_INFINITY } = trial.options
  if (maxSteps <= steps) return trial
  return {
    run: trial.run,
    options: { ...trial.options, maxSteps: steps },
    judge(result) {
      const judged = trial.judge(result)
      return result.status === 'step-bound' ? unknownOf(judged) : judged
    },
  }
}

function unknownOf(judged: Judged): Judged {
  return { ...judged, verdict: 'unknown', findings: [] }
}
