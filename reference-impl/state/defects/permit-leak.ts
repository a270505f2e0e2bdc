import { type Defect, defect } from 'raceproof'
import type { WaitOptions } from '../../sync/patience.ts'
import { SharedSemaphore } from '../../sync/shared-semaphore.ts'

/** Each job that fails takes a permit with it. */
export const permitLeak: Defect = defect(
  'permit-leak',
  SharedSemaphore,
  {
    source: 'race-condition-bug-fix, semaphore',
    wrong: 'an analysis that fails does not return its permit',
    caughtBy: ['leftovers', 'progress'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['permits-returned', 'permits-of-a-loop'],
  },
  (Correct) =>
    class extends Correct {
      override async run<T>(job: () => Promise<T>, options?: WaitOptions): Promise<T> {
        const permit = await this.acquire(options)
        const result = await job()
        permit.release() // DEFECT: not reached when the job fails
        return result
      }
    },
)
