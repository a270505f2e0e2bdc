import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { StreamEvent } from '../stream-event.ts'

const pollMs = 100

/** An event is not passed on when it is there, but when somebody looks next. */
export const pollingDelivery: Defect = defect(
  'polling-delivery',
  EventStream,
  {
    source: 'sse-reliability-issues 3',
    wrong: 'delivery polls every 100 ms',
    caughtBy: ['latency', 'bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['told-at-once'],
  },
  (Correct) =>
    class extends Correct {
      readonly #waiting: StreamEvent[] = []

      protected override broadcast(event: StreamEvent): void {
        // DEFECT: it waits for the next look
        if (this.#waiting.push(event) === 1) setTimeout(() => this.#look(), pollMs - (Date.now() % pollMs))
      }

      #look(): void {
        for (const event of this.#waiting.splice(0)) {
          for (const subscriber of [...this.subscribers]) if (subscriber.cursor < event.id) subscriber.offer(event)
        }
      }
    },
)
