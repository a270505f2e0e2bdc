import { Random } from '../../random.ts'
import { conflict } from '../operation.ts'
import { Priorities } from './priorities.ts'
import type { Strategy } from './strategy.ts'

/**
 * Partial order sampling (Yuan, Yang, Gu, "Partial order aware concurrency sampling", CAV 2018): every operation draws a
 * priority, the highest runs, and those that conflict with it draw again, so that each order of conflicting operations
 * gets its chance however many others are around.
 *
 * Departure: operations that wait and cannot go on draw again only when they become able to.
 */
export function partialOrderSampling(seed: number): Strategy {
  const priorities = new Priorities(new Random(`${seed}/threads/pos`))
  return {
    name: 'pos',
    begin: () => priorities.clear(),
    pick(enabled) {
      const chosen = priorities.highest(enabled)
      priorities.redraw(chosen.thread)
      for (const other of enabled) if (other !== chosen && conflict(other, chosen)) priorities.redraw(other.thread)
      return chosen
    },
    end: () => true,
  }
}
