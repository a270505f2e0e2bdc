import { type Defect, defect } from 'raceproof'
import { WorkflowEngine } from '../workflow-engine.ts'

/** Starting a session takes its two locks in one order, and passing a phase takes them in the other. */
export const lockOrderInversion: Defect = defect(
  'lock-order-inversion',
  WorkflowEngine,
  {
    source: 'mcp-thread-safety-insights, issue 3',
    wrong: 'two locks are taken in both orders: of a session in memory, and of its state on disk',
    caughtBy: ['lock-order', 'progress'],
    worlds: ['sim', 'live'],
    scenarios: ['sessions-reopened'],
  },
  (Correct) =>
    class extends Correct {
      override advance(sessionId: string, client: string) {
        // DEFECT: whoever brings the session into memory takes its lock first, and this one second
        return this.parts.state.locked(sessionId, () => super.advance(sessionId, client))
      }
    },
)
