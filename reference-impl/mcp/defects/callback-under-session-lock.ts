import { type Defect, defect } from 'raceproof'
import { WorkflowEngine } from '../workflow-engine.ts'
import type { WorkflowSession } from '../workflow-session.ts'

/** Holds a session's lock while a sub-agent works on it, who needs the same lock. */
export const callbackUnderSessionLock: Defect = defect(
  'callback-under-session-lock',
  WorkflowEngine,
  {
    source: 'mcp-thread-safety-insights, goal 1 and story 1',
    wrong: "a workflow tool holds its session's lock while its sub-agent calls back over HTTP on the same session",
    caughtBy: ['progress'],
    worlds: ['sim', 'live'],
    scenarios: ['dual-transport-session'],
  },
  (Correct) =>
    class extends Correct {
      override withSession<T>(
        sessionId: string,
        client: string,
        section: (session: WorkflowSession) => Promise<T>,
      ): Promise<T> {
        // DEFECT: the section may call back, and then waits for itself
        return this.parts.state.locked(sessionId, () => super.withSession(sessionId, client, section))
      }
    },
)
