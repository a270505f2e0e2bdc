import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'

/** Whoever comes back gets the last event that it has once more. */
export const resumeDuplicate: Defect = defect(
  'resume-duplicate',
  EventStream,
  {
    source: 'sse-reliability-issues 9',
    wrong: 'resume replays from one event too early',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['reconnect-and-resume'],
  },
  (Correct) =>
    class extends Correct {
      protected override startAfter(after: number): number {
        // DEFECT: the client has this event already
        return Math.max(0, after - 1)
      }
    },
)
