import { type Defect, defect } from 'raceproof'
import { Readiness } from '../client/readiness.ts'

/** Clients that wait for the server ask it all the time. */
export const readinessStampede: Defect = defect(
  'readiness-stampede',
  Readiness,
  {
    source: 'sse-reliability-issues 8',
    wrong: 'the client polls readiness at a fixed interval without back-off, and goes on after it is ready',
    caughtBy: ['bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['server-comes-back'],
    side: 'client',
  },
  (Correct) =>
    class extends Correct {
      protected override pauseMs(): number {
        // DEFECT: as often as it can, whatever the server answers
        return 10
      }
    },
)
