import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** A listener takes its own lock while the changed state is still locked. */
export const notifyUnderLock: Defect = defect(
  'notify-under-lock',
  ReentrantLock,
  {
    source: 'thread-safe-state-management, common issues (deadlock), future 1',
    wrong: 'change listeners run under the lock of the manager and take another',
    caughtBy: ['lock-order', 'progress'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['long-changes', 'listener-with-a-lock'],
  },
  (Correct) =>
    class extends Correct {
      override afterRelease(callback: () => void) {
        callback() // DEFECT: the running code still holds the lock
      }
    },
)
