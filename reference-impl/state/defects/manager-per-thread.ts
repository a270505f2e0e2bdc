import { type Defect, defect } from 'raceproof'
import type { JobRecord } from '../job-table.ts'
import { JobTable } from '../job-table.ts'
import type { ThreadSafeDictOptions } from '../thread-safe-dict.ts'

/** Each thread keeps jobs of its own, and no thread knows those of another. */
export const managerPerThread: Defect = defect(
  'manager-per-thread',
  JobTable,
  {
    source: 'thread-safe-state-management, singleton pattern',
    wrong: 'module state is per worker: each builds a manager of its own',
    caughtBy: ['linearizable'],
    worlds: ['threads', 'live'],
    scenarios: ['permits-returned', 'jobs-of-two-threads'],
  },
  (Correct) =>
    class extends Correct {
      constructor(machine: string, { name }: ThreadSafeDictOptions<JobRecord>) {
        super(machine, { name }) // DEFECT: the memory that was handed over is not used
      }
    },
)
