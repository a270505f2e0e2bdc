import { type Defect, defect } from 'raceproof'
import type { EventStream } from '../event-stream.ts'
import { StreamHub } from '../stream-hub.ts'

/** Whoever comes back while the stream of an ended plan is being cleaned up is torn down with it. */
export const reconnectDuringCleanup: Defect = defect(
  'reconnect-during-cleanup',
  StreamHub,
  {
    source: 'thread-safety-analysis, status update',
    wrong:
      'the last subscriber leaves, cleanup awaits, and a reconnect in between is torn down: the check is not repeated',
    caughtBy: ['delivery', 'progress'],
    worlds: ['sim', 'live'],
    scenarios: ['reconnect-and-resume'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async release(stream: EventStream): Promise<void> {
        if (!this.isDone(stream)) return
        await this.store.find(stream.plan.id)
        await this.drain(stream)
        // DEFECT: somebody may have come back while the database worked
        this.remove(stream)
      }
    },
)
