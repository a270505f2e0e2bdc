import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { StreamEvent } from '../stream-event.ts'

/** The subscribers of a plan share one queue, and each event reaches only one of them. */
export const competingConsumers: Defect = defect(
  'competing-consumers',
  EventStream,
  {
    source: 'sse-reliability-issues 6',
    wrong: 'all subscribers of a plan read one queue, so each event reaches only one of them',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['multi-client-disconnect', 'rapid-create-delete'],
  },
  (Correct) =>
    class extends Correct {
      protected override broadcast(event: StreamEvent): void {
        // DEFECT: the first one that is there takes it
        this.subscribers[event.id % Math.max(1, this.subscribers.length)]?.offer(event)
      }
    },
)
