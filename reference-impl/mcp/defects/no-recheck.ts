import { type Defect, defect } from 'raceproof'
import { SessionCache } from '../session-cache.ts'

/** Takes the session's lock and creates, although somebody else may just have done so under it. */
export const noRecheck: Defect = defect(
  'no-recheck',
  SessionCache,
  {
    source: 'mcp-thread-safety-insights, pattern 1',
    wrong: 'the lock is taken, but the check is not repeated inside it',
    caughtBy: ['one-instance', 'double-loads'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session', 'shared-session-state'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override recheck() {
        return undefined // DEFECT: whoever had the lock before may have created it
      }
    },
)
