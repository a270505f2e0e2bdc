import { type Defect, defect } from 'raceproof'
import { WatchLoop } from '../client/watch-loop.ts'

/** The client library closes for good at the first error. */
export const clientGivesUp: Defect = defect(
  'client-gives-up',
  WatchLoop,
  {
    source: 'sse-reliability-issues 10',
    wrong: 'the client closes for good at the first error',
    caughtBy: ['progress', 'delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['broken-connections'],
    side: 'client',
  },
  (Correct) =>
    class extends Correct {
      protected override retries(): boolean {
        // DEFECT: no error is worth a second attempt
        return false
      }
    },
)
