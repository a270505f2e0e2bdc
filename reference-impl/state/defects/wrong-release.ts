import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'
import type { Section } from '../../sync/section.ts'

/** The end of a nested section lets go of what the outer one still needs. */
export const wrongRelease: Defect = defect(
  'wrong-release',
  ReentrantLock,
  {
    source: 'thread-safe-state-management, RLock',
    wrong: 'a caller releases a lock that it does not own, or one level too early',
    caughtBy: ['mutual-exclusion'],
    worlds: ['sim', 'threads'],
    scenarios: ['long-changes', 'lock-entered-twice'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override letGo(hold: Section) {
        super.letGo(hold)
        if (hold.outer?.open) this.leave() // DEFECT: the section around it is still running
      }
    },
)
