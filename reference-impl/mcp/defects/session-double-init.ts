import { defect } from 'raceproof'
import { SessionCache } from '../session-cache.ts'
import type { WorkflowSession } from '../workflow-session.ts'

/** Checks, awaits the creation and stores, so that callers who come meanwhile create sessions of their own. */
export const sessionDoubleInit = defect(
  'session-double-init',
  SessionCache,
  {
    source: 'mcp-thread-safety-insights, FR-1 and scenario 2',
    wrong: '`getSession` checks, awaits the creation, and stores, without a lock',
    caughtBy: ['one-instance', 'double-loads'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session', 'shared-session-state'],
    race: true,
    liveRuns: 10,
  },
  (Correct) =>
    class extends Correct {
      override getOrCreate(sessionId: string, create: (sessionId: string) => Promise<WorkflowSession>) {
        return this.get(sessionId) ?? this.create(sessionId, create) // DEFECT: no lock, and no second look.
      }
    },
)
