import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'
import { EventStream } from '../event-stream.ts'
import type { StreamEvent } from '../stream-event.ts'

/** While one reader takes its time, the lock of all subscribers is held, and nobody else is sent anything. */
export const sendWhileLocked: Defect = defect(
  'send-while-locked',
  EventStream,
  {
    source: 'thread-safety-analysis, publisher',
    wrong: 'broadcast awaits each send while holding the registry lock; one slow reader stalls every plan',
    caughtBy: ['progress', 'contention'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-neighbour'],
  },
  (Correct) => {
    const registry = new ReentrantLock({ name: 'subscribers', lends: 0 })
    return class extends Correct {
      protected override async broadcast(event: StreamEvent): Promise<void> {
        await registry.run(async () => {
          for (const subscriber of [...this.subscribers]) {
            // DEFECT: everybody waits until this one's connection has room
            if ((await subscriber.room()) && subscriber.cursor < event.id) subscriber.offer(event)
          }
        })
      }
    }
  },
)
