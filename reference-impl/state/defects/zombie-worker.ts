import { type Defect, defect } from 'raceproof'
import type { JobLife } from '../job-table.ts'
import { JobTable } from '../job-table.ts'

/** A job that was told to stop runs on. */
export const zombieWorker: Defect = defect(
  'zombie-worker',
  JobTable,
  {
    source: 'thread-safety-analysis 4, impact',
    wrong: '`stop` times out and leaves the worker running, still writing',
    caughtBy: ['leftovers', 'lifecycle'],
    worlds: ['sim', 'live'],
    scenarios: ['stopped-simulations'],
  },
  (Correct) =>
    class extends Correct {
      override advance(life: JobLife, progress: number) {
        super.advance(life, progress)
        return true // DEFECT: the job may have been told to stop
      }
    },
)
