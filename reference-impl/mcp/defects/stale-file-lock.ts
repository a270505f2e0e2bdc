import { type Defect, defect } from 'raceproof'
import { LockFile } from '../lock-file.ts'

/** The lock file of a process that was killed is respected for ever. */
export const staleFileLock: Defect = defect(
  'stale-file-lock',
  LockFile,
  {
    source: 'mcp-thread-safety-insights, C-3',
    wrong: 'the lock of a killed process is never taken over',
    caughtBy: ['progress'],
    worlds: ['sim', 'live'],
    scenarios: ['killed-lock-holder'],
  },
  (Correct) =>
    class extends Correct {
      protected override isStale(): boolean {
        return false // DEFECT: its holder may be dead
      }
    },
)
