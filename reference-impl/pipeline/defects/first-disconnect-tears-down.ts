import { type Defect, defect } from 'raceproof'
import type { EventStream } from '../event-stream.ts'
import { StreamHub } from '../stream-hub.ts'

/** Who leaves first takes the stream away from everybody who is still watching. */
export const firstDisconnectTearsDown: Defect = defect(
  'first-disconnect-tears-down',
  StreamHub,
  {
    source: 'thread-safety-analysis, scenario 2',
    wrong: "any subscriber's disconnect cleans up the plan's stream",
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['multi-client-disconnect'],
    liveRuns: 10,
  },
  (Correct) =>
    class extends Correct {
      protected override subscriberLeft(stream: EventStream): void {
        super.subscriberLeft(stream)
        // DEFECT: the others may still be reading it
        this.remove(stream)
      }
    },
)
