import { type Defect, defect } from 'raceproof'
import type { EventStream } from '../event-stream.ts'
import type { PlanRecord } from '../plan.ts'
import { StreamHub } from '../stream-hub.ts'
import type { Subscriber } from '../subscriber.ts'

/** Who subscribes in the moment of the cleanup is attached to a stream that nobody will ever end. */
export const lateSubscriberOrphaned: Defect = defect(
  'late-subscriber-orphaned',
  StreamHub,
  {
    source: 'thread-safety-analysis, atomic operations',
    wrong: 'looks the stream up, registers after the plan was cleaned up, and waits for ever',
    caughtBy: ['progress'],
    worlds: ['sim', 'live'],
    scenarios: ['rapid-create-delete', 'reconnect-and-resume'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async subscribe(
        plan: PlanRecord,
        after: number,
        enter: (stream: EventStream) => Subscriber | null,
      ): Promise<void> {
        const stream = await this.streamOf(plan)
        await this.store.find(plan.id)
        // DEFECT: by now the stream may have been closed, and tells nobody anything
        const subscriber = enter(stream)
        if (subscriber) stream.attach(subscriber, after)
      }
    },
)
