import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { StreamEvent } from '../stream-event.ts'
import { turn } from './turn.ts'

/** Whoever leaves during a broadcast makes the next subscriber miss the event. */
export const broadcastLiveList: Defect = defect(
  'broadcast-live-list',
  EventStream,
  {
    source: 'thread-safety-analysis, publisher',
    wrong:
      'broadcast walks the live array with an await per send; a disconnect splices it and the next subscriber is skipped',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['multi-client-disconnect', 'rapid-create-delete'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async broadcast(event: StreamEvent): Promise<void> {
        // DEFECT: the list itself, which changes during the awaits
        for (let place = 0; place < this.subscribers.length; place++) {
          this.subscribers[place]!.offer(event)
          await turn()
        }
      }
    },
)
