import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { Subscriber } from '../subscriber.ts'

/** A subscriber that leaves during its replay is registered afterwards, and stays for ever. */
export const zombieSubscriber: Defect = defect(
  'zombie-subscriber',
  EventStream,
  {
    source: 'sse-reliability-issues 6',
    wrong: 'disconnects during its replay, is registered afterwards; its heartbeat timer stays',
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['reconnect-and-resume'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override attach(subscriber: Subscriber, after: number): boolean {
        if (this.closed) return false
        subscriber.rewind(this.startAfter(after))
        subscriber.listen(this)
        // DEFECT: by then it may have left, and nobody will take it out again
        void this.catchUp(subscriber).then(() => this.subscribers.push(subscriber))
        return true
      }
    },
)
