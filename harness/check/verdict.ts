import type { HistoryEvent } from '../history/event.ts'

/** `valid`: everything could be seen and nothing was wrong. `unknown`: something could not be seen or decided. */
export type Verdict = 'valid' | 'invalid' | 'unknown'

/** One thing wrong, with evidence. */
export interface Finding {
  /** The check that found it. */
  check: string
  /** What went wrong, in one or two sentences that name the clients, keys and values involved. */
  message: string
  clients: string[]
  /** The events that show it, in order of time; few enough to read. */
  evidence: HistoryEvent[]
  /** The usual cause of such a finding. */
  likelyCause?: string
}

/** Merges verdicts: invalid > unknown > valid. No verdict at all is `unknown`, never `valid`. */
export function mergeVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('invalid')) return 'invalid'
  if (verdicts.length === 0 || verdicts.includes('unknown')) return 'unknown'
  return 'valid'
}
