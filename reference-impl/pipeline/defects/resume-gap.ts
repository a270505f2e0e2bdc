import { type Defect, defect } from 'raceproof'
import { EventStream } from '../event-stream.ts'

/** Whoever comes back gets what comes next, and not what it has missed. */
export const resumeGap: Defect = defect(
  'resume-gap',
  EventStream,
  {
    source: 'sse-reliability-issues 9',
    wrong: 'a reconnecting client gets what comes next, not what it missed',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['broken-connections', 'reconnect-and-resume'],
  },
  (Correct) =>
    class extends Correct {
      protected override startAfter(after: number): number {
        // DEFECT: where the stream is, not where the client is
        return after === 0 ? 0 : this.lastId
      }
    },
)
