import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { Subscriber } from '../subscriber.ts'
import { turn } from './turn.ts'

/** Two subscribers that are both the first each start a list, and one list is lost. */
export const firstSubscribersCollide: Defect = defect(
  'first-subscribers-collide',
  EventStream,
  {
    source: 'thread-safety-analysis, `add_connection`',
    wrong: 'two first subscribers each create the list across an await; one list is lost',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['multi-client-disconnect', 'rapid-create-delete'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override attach(subscriber: Subscriber, after: number): boolean {
        if (this.subscribers.length > 0) return super.attach(subscriber, after)
        void this.#attachFirst(subscriber, after)
        return true
      }

      async #attachFirst(subscriber: Subscriber, after: number): Promise<void> {
        await turn()
        // DEFECT: somebody else may have become the first meanwhile
        this.subscribers.splice(0)
        super.attach(subscriber, after)
      }
    },
)
