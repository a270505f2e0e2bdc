import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** Two requests of one event loop are in the same section. */
export const ownerIsThread: Defect = defect(
  'owner-is-thread',
  ReentrantLock,
  {
    source: 'thread-safe-state-management, why RLock; race-condition-bug-fix, AsyncThreadLock',
    wrong: 'the owner is the thread, so two async tasks of one loop `re-enter` together',
    caughtBy: ['mutual-exclusion'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['long-changes', 'lock-of-two-tasks'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override tryEnter() {
        return this.heldHere || super.tryEnter() // DEFECT: another task of this thread holds it
      }
    },
)
