import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'
import type { StreamEvent } from '../stream-event.ts'
import { turn } from './turn.ts'

/** The events of stdout and stderr are sent by two tasks, and overtake each other. */
export const broadcastOvertakes: Defect = defect(
  'broadcast-overtakes',
  EventStream,
  {
    source: 'thread-safety-analysis, publisher and 5',
    wrong: "stdout's and stderr's broadcasts, awaiting per send, overtake each other",
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['rapid-create-delete', 'reconnect-and-resume'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      readonly #tasks: Record<string, Promise<void>> = {}

      // DEFECT: each source has its events sent in order, and nobody orders the sources
      protected override broadcast(event: StreamEvent): void {
        const { source = 'stdout' } = JSON.parse(event.json) as { source?: string }
        this.#tasks[source] = (this.#tasks[source] ?? Promise.resolve()).then(() => this.#send(event))
      }

      async #send(event: StreamEvent): Promise<void> {
        for (const subscriber of [...this.subscribers]) {
          subscriber.offer(event)
          await turn()
        }
      }
    },
)
