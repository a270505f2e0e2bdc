import { type Defect, defect } from 'raceproof'
import type { ReentrantLockOptions } from '../../sync/reentrant-lock.ts'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** Whoever is awake takes the lock again and again before those whose turn it is. */
export const bargingLock: Defect = defect(
  'barging-lock',
  ReentrantLock,
  {
    source: 'mcp-thread-safety-insights, model 1 (fair)',
    wrong: 'a hammering worker re-takes the lock; the event loop starves',
    caughtBy: ['bounds'],
    worlds: ['threads', 'live'],
    scenarios: ['threads-and-loop', 'lock-hammered'],
  },
  (Correct) =>
    class extends Correct {
      constructor(options: ReentrantLockOptions) {
        super({ ...options, lends: 2 ** 31 - 1 }) // DEFECT: a turn may be lent without end
      }
    },
)
