import { type Defect, defect } from 'raceproof'
import type { EventStream } from '../event-stream.ts'
import { StreamHub } from '../stream-hub.ts'

/** A plan that was created again under the id of a deleted one loses its stream to the old one's cleanup. */
export const streamCleanupToctou: Defect = defect(
  'stream-cleanup-toctou',
  StreamHub,
  {
    source: 'thread-safety-analysis 2',
    wrong:
      "cleanup checks that the plan's stream exists, drains it across an await, then deletes whatever stream is there now",
    caughtBy: ['delivery', 'server-errors'],
    worlds: ['sim', 'live'],
    scenarios: ['rapid-create-delete'],
    race: true,
    liveRuns: 10,
  },
  (Correct) =>
    class extends Correct {
      protected override async release(stream: EventStream): Promise<void> {
        const { id } = stream.plan
        if (!this.isDone(stream) || !this.streams.has(id)) return
        await this.drain(stream)
        // DEFECT: the stream of this id may be another one by now
        this.remove(this.streams.get(id) as EventStream)
      }
    },
)
