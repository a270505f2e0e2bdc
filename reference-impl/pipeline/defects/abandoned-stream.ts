import { type Defect, defect } from 'raceproof'
import { StreamHub } from '../stream-hub.ts'

/** The stream of a plan that nobody reads is kept for ever. */
export const abandonedStream: Defect = defect(
  'abandoned-stream',
  StreamHub,
  {
    source: 'sse-reliability-issues 5',
    wrong: "a finished plan's stream is kept for ever when nobody disconnects from it",
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['unwatched-plan'],
  },
  (Correct) =>
    class extends Correct {
      override ended(): void {
        // DEFECT: only a reader that leaves has the stream released, and there may be none
      }
    },
)
