import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'
import { JobTable } from '../job-table.ts'

/** The event loop and the worker threads each have a lock for the same jobs. */
export const dualLocks: Defect = defect(
  'dual-locks',
  JobTable,
  {
    source: 'race-condition-bug-fix, the whole document',
    wrong: 'event-loop code and worker threads guard the same data with different locks',
    caughtBy: ['mutual-exclusion', 'linearizable'],
    worlds: ['threads', 'live'],
    scenarios: ['threads-and-loop', 'state-storm', 'jobs-of-two-threads'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override share() {
        const { buffer } = new ReentrantLock({ name: 'jobs of the threads' })
        return { ...super.share(), lock: buffer } // DEFECT: this thread uses another lock
      }
    },
)
