import { type Defect, defect } from 'raceproof'
import { SessionCache } from '../session-cache.ts'

/** A session that is being created during a clear enters the cache after it. */
export const clearResurrects: Defect = defect(
  'clear-resurrects',
  SessionCache,
  {
    source: 'mcp-thread-safety-insights, component 1, `clear_session_cache`',
    wrong: 'a creation in flight stores its session after the clear',
    caughtBy: ['one-instance'],
    worlds: ['sim', 'live'],
    scenarios: ['cleared-while-created'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override isCurrent() {
        return true // DEFECT: everything may have been cleared since the creation began
      }
    },
)
