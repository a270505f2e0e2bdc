import { type Defect, defect } from 'raceproof'
import { WatchLoop } from '../client/watch-loop.ts'

/** The client library retries what no attempt can change. */
export const retriesPermanent: Defect = defect(
  'retries-permanent',
  WatchLoop,
  {
    source: 'sse-reliability-issues 10',
    wrong: 'a permanent refusal is retried for ever',
    caughtBy: ['bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['gone-for-good'],
    side: 'client',
  },
  (Correct) =>
    class extends Correct {
      protected override retries(): boolean {
        // DEFECT: not even a refusal for good ends it
        return true
      }
    },
)
