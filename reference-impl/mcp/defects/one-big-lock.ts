import { type Defect, defect } from 'raceproof'
import { SessionCache } from '../session-cache.ts'

/** Whoever creates a session makes everybody wait who wants another one. */
export const oneBigLock: Defect = defect(
  'one-big-lock',
  SessionCache,
  {
    source: 'mcp-thread-safety-insights, P-2',
    wrong: 'one lock for all keys is held during creation',
    caughtBy: ['contention'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session'],
  },
  (Correct) =>
    class extends Correct {
      protected override lockKey(): string {
        return 'all' // DEFECT: sessions have nothing to do with each other
      }
    },
)
