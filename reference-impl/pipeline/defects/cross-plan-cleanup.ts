import { type Defect, defect } from 'raceproof'
import type { EventStream } from '../event-stream.ts'
import { StreamHub } from '../stream-hub.ts'

/** The cleanup of one plan takes the stream of another one away. */
export const crossPlanCleanup: Defect = defect(
  'cross-plan-cleanup',
  StreamHub,
  {
    source: 'thread-safety-analysis, scenario 1',
    wrong: "plan A's cleanup removes the stream registered last (plan B's)",
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-reader-cleanup', 'rapid-create-delete'],
  },
  (Correct) =>
    class extends Correct {
      protected override remove(stream: EventStream): void {
        // DEFECT: whichever stream came last, not the one that is done
        super.remove([...this.streams.values()].at(-1) ?? stream)
      }
    },
)
