import type { HistoryEvent } from '../history/event.ts'

/**
 * Looks at a run while it goes on, event by event, for what nothing that comes later can put right. It saves time, not
 * judgement: the check itself still judges the whole history.
 */
export interface Watch {
  /** Takes the next event, in constant time. True once what was seen is certainly wrong. */
  see(event: HistoryEvent): boolean
}
