import type { History } from '../history/event.ts'

/**
 * Whether the order of events was chosen, in virtual time: what stands later in the history came later then, by however
 * little, and no duration says how fast anything is.
 */
export function isOrderChosen(history: History): boolean {
  return history.some((event) => event.type === 'phase' && event.virtual === true)
}
