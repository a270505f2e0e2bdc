import { type Defect, defect } from 'raceproof'
import { Subscriber } from '../subscriber.ts'

/** What a slow reader does not take piles up in memory. */
export const slowReaderUnbounded: Defect = defect(
  'slow-reader-unbounded',
  Subscriber,
  {
    source: 'sse-reliability-issues 6',
    wrong: "no back-pressure: one slow reader's buffer grows without bound",
    caughtBy: ['bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-neighbour'],
  },
  (Correct) =>
    class extends Correct {
      protected override overflows(): boolean {
        // DEFECT: every event fits, however many wait
        return false
      }
    },
)
