import { type Defect, defect } from 'raceproof'
import { EventJournal } from '../event-journal.ts'

/** Events that could not be stored are lost, and nobody hears of it. */
export const swallowedErrors: Defect = defect(
  'swallowed-errors',
  EventJournal,
  {
    source: 'sse-reliability-issues 4',
    wrong: 'the delivery loop catches everything and goes on',
    caughtBy: ['server-errors'],
    worlds: ['sim', 'live'],
    scenarios: ['database-full'],
  },
  (Correct) =>
    class extends Correct {
      protected override failed(batch: { settle(): void }): void {
        // DEFECT: as if it had been stored
        batch.settle()
      }
    },
)
