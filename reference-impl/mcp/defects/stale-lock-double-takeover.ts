import { type Defect, defect } from 'raceproof'
import { type Attempt, LockFile } from '../lock-file.ts'

/** The second of two waiters takes the lock from the first, which has just taken it over from a killed process. */
export const staleLockDoubleTakeover: Defect = defect(
  'stale-lock-double-takeover',
  LockFile,
  {
    source: 'mcp-thread-safety-insights, C-3',
    wrong: 'two waiters both find the lock stale and both take it',
    caughtBy: ['mutual-exclusion', 'survival'],
    worlds: ['sim', 'live'],
    scenarios: ['holder-killed-two-wait'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async takeOver(path: string, attempt: Attempt): Promise<boolean> {
        await this.replace(path, attempt) // DEFECT: another waiter may have taken it since we found it stale
        return true
      }
    },
)
