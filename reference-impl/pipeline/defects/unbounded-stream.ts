import { type Defect, defect } from 'raceproof'
import { ReplayBuffer } from '../replay-buffer.ts'

/** The events of a stream that nobody reads pile up in memory. */
export const unboundedStream: Defect = defect(
  'unbounded-stream',
  ReplayBuffer,
  {
    source: 'sse-reliability-issues 5',
    wrong: 'no subscriber ever comes; events pile up in memory without bound',
    caughtBy: ['bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['unwatched-plan'],
  },
  (Correct) =>
    class extends Correct {
      protected override trim(): void {
        // DEFECT: everything is kept
      }
    },
)
