import type { History } from '../history/event.ts'
import type { Finding, Verdict } from './verdict.ts'
import type { Watch } from './watch.ts'

/** What a check says of one history. */
export interface Judgement {
  verdict: Verdict
  findings: Finding[]
  /** Why the verdict is `unknown`. */
  reason?: string
  /** More rounds of the same run would tell what is `unknown` after these. */
  moreRounds?: true
}

/** A pure function of a history, with the name under which reports show it. */
export interface Check {
  readonly name: string
  judge(history: History): Judgement
  /** Looks at a run while it goes on, where that is cheap: what it calls wrong, `judge` finds invalid. */
  watch?(): Watch
}

/** The judgement that follows from the findings alone: invalid when there is one, else valid. */
export function judged(findings: Finding[]): Judgement {
  return { verdict: findings.length > 0 ? 'invalid' : 'valid', findings }
}

/** The judgement of a check that could not see what it needs. */
export function unseen(reason: string): Judgement {
  return { verdict: 'unknown', findings: [], reason }
}
