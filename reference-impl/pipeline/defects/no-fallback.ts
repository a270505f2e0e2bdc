import { type Defect, defect } from 'raceproof'
import { Fallback } from '../client/fallback.ts'

/** Where streaming is blocked the client library has no other way. */
export const noFallback: Defect = defect(
  'no-fallback',
  Fallback,
  {
    source: 'sse-reliability-issues, proposed 4',
    wrong: 'the client has no REST fallback where streaming is blocked',
    caughtBy: ['delivery', 'progress'],
    worlds: ['sim', 'live'],
    scenarios: ['streaming-blocked'],
    side: 'client',
  },
  (Correct) =>
    class extends Correct {
      protected override advance(): void {
        // DEFECT: stays with the way that does not work
      }
    },
)
