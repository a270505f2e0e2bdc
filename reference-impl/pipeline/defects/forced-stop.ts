import { type Defect, defect } from 'raceproof'
import { Shutdown } from '../shutdown.ts'

/** The server is stopped in the middle of its work, and its readers are left to find that out. */
export const forcedStop: Defect = defect(
  'forced-stop',
  Shutdown,
  {
    source: 'thread-safety-analysis, graceful shutdown',
    wrong: 'shutdown stops without draining: acknowledged events are lost and nobody is told',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['stopped-while-running'],
  },
  (Correct) =>
    class extends Correct {
      protected override async drain(): Promise<void> {
        // DEFECT: neither the plans are ended nor their readers told
        this.options.http.closeAllConnections()
      }
    },
)
