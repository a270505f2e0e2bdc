import { type Defect, defect } from 'raceproof'
import type { LockOptions } from '../../sync/reentrant-lock.ts'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** The event loop stands still until it has the lock. */
export const blockingAcquire: Defect = defect(
  'blocking-acquire',
  ReentrantLock,
  {
    source: 'race-condition-bug-fix, no event-loop blocking',
    wrong: 'the event loop takes the thread lock by blocking in `Atomics.wait`',
    caughtBy: ['progress', 'bounds'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['long-changes', 'lock-of-two-tasks'],
  },
  (Correct) =>
    class extends Correct {
      override async acquire(options?: LockOptions) {
        return this.acquireSync(options) // DEFECT: nothing else of this event loop can run meanwhile
      }
    },
)
