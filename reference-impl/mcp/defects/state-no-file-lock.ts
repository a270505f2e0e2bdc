import { type Defect, defect } from 'raceproof'
import { StateManager } from '../state-manager.ts'

/** Two changes of a session's state read the same file, and the second overwrites the first. */
export const stateNoFileLock: Defect = defect(
  'state-no-file-lock',
  StateManager,
  {
    source: 'mcp-thread-safety-insights, C-3',
    wrong: 'two processes read, change and write the same state file without the lock',
    caughtBy: ['survival', 'linearizable'],
    worlds: ['sim', 'live'],
    scenarios: ['two-processes-one-folder', 'shared-session-state'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override locked<T>(_sessionId: string, section: () => Promise<T>): Promise<T> {
        return section() // DEFECT: somebody else may be in the same section
      }
    },
)
