import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { Subscriber } from '../subscriber.ts'
import { turn } from './turn.ts'

/** What is published between the replay and the registration reaches the subscriber never. */
export const replayLiveGap: Defect = defect(
  'replay-live-gap',
  EventStream,
  {
    source: 'sse-reliability-issues 9',
    wrong: 'replays, then registers: events published in between are lost',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['reconnect-and-resume', 'broken-connections'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override attach(subscriber: Subscriber, after: number): boolean {
        if (this.closed) return false
        subscriber.rewind(this.startAfter(after))
        subscriber.listen(this)
        void this.#replayAndRegister(subscriber)
        return true
      }

      async #replayAndRegister(subscriber: Subscriber): Promise<void> {
        await this.catchUp(subscriber)
        await turn()
        // DEFECT: whatever was published since the replay ended is lost
        if (subscriber.open) this.subscribers.push(subscriber)
      }
    },
)
