import { type Defect, defect } from 'raceproof'
import { SessionCache } from '../session-cache.ts'
import type { WorkflowSession } from '../workflow-session.ts'

/** Who only looks a session up waits for its lock. */
export const hitTakesLock: Defect = defect(
  'hit-takes-lock',
  SessionCache,
  {
    source: 'mcp-thread-safety-insights, NFR-1 and P-1',
    wrong: 'every session hit takes the lock',
    caughtBy: ['contention'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session'],
  },
  (Correct) =>
    class extends Correct {
      override getOrCreate(sessionId: string, create: (sessionId: string) => Promise<WorkflowSession>) {
        // DEFECT: what is there needs no lock
        return this.exclusively(sessionId, async () => this.get(sessionId) ?? this.createUnlessThere(sessionId, create))
      }
    },
)
