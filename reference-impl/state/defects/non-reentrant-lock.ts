import { type Defect, defect } from 'raceproof'
import type { LockOptions } from '../../sync/reentrant-lock.ts'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** Who holds the lock and asks for it again waits for itself. */
export const nonReentrantLock: Defect = defect(
  'non-reentrant-lock',
  ReentrantLock,
  {
    source: 'thread-safe-state-management, why RLock',
    wrong: 'the lock blocks its own holder',
    caughtBy: ['progress'],
    worlds: ['sim', 'threads'],
    scenarios: ['long-changes', 'services-at-once', 'lock-of-two-tasks'],
  },
  (Correct) =>
    class extends Correct {
      override async run<T>(section: () => T | Promise<T>, options?: LockOptions): Promise<T> {
        const hold = this.tryAcquire(options?.key) ?? (await this.acquire(options)) // DEFECT: it may be held further out
        return this.execute(hold, section)
      }
    },
)
