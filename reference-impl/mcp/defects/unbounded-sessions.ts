import { type Defect, defect } from 'raceproof'
import { SessionCap } from '../session-cap.ts'

/** One client may fill the memory with sessions. */
export const unboundedSessions: Defect = defect(
  'unbounded-sessions',
  SessionCap,
  {
    source: 'mcp-thread-safety-insights, S-1',
    wrong: 'no cap on sessions',
    caughtBy: ['bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['session-flood'],
  },
  (Correct) =>
    class extends Correct {
      override admit(client: string): void {
        // DEFECT: counted, and never refused
        this.counts.set(client, (this.counts.get(client) ?? 0) + 1)
      }
    },
)
