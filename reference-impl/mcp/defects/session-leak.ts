import { type Defect, defect } from 'raceproof'
import { HttpAdapter } from '../http-adapter.ts'

/** The session of a client that vanished stays for ever. */
export const sessionLeak: Defect = defect(
  'session-leak',
  HttpAdapter,
  {
    source: 'mcp-thread-safety-insights, S-1',
    wrong: 'a session of a client that vanishes is never released',
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['session-flood'],
  },
  (Correct) =>
    class extends Correct {
      override reap(): void {
        // DEFECT: nobody else notices that a client has gone silent
      }
    },
)
