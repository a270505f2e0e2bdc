import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'
import type { Section } from '../../sync/section.ts'

/** A section that throws keeps the lock for ever. */
export const lockKeptOnError: Defect = defect(
  'lock-kept-on-error',
  ReentrantLock,
  {
    source: 'race-condition-bug-fix, AsyncThreadLock, `__aexit__`',
    wrong: 'an error in the section skips the release',
    caughtBy: ['leftovers', 'progress'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['long-changes', 'lock-of-two-tasks'],
  },
  (Correct) =>
    class extends Correct {
      protected override async execute<T>(hold: Section, section: () => T | Promise<T>): Promise<T> {
        const result = await hold.contain(section)
        this.release(hold) // DEFECT: not reached when the section throws
        return result
      }
    },
)
