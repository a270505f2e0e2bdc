import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { StreamEvent } from '../stream-event.ts'

/** The subscribers of a plan are sent each event one after the other, and the first slow one keeps the rest waiting. */
export const headOfLineSend: Defect = defect(
  'head-of-line-send',
  EventStream,
  {
    source: 'thread-safety-analysis, publisher',
    wrong: 'each send is awaited in turn, outside the lock: one slow reader delays the others of its plan',
    caughtBy: ['latency'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-neighbour'],
  },
  (Correct) =>
    class extends Correct {
      #sent = Promise.resolve()

      protected override broadcast(event: StreamEvent): void {
        this.#sent = this.#sent.then(async () => {
          for (const subscriber of [...this.subscribers]) {
            // DEFECT: those behind it wait until this one's connection has room
            if ((await subscriber.room()) && subscriber.cursor < event.id) subscriber.offer(event)
          }
        })
      }
    },
)
