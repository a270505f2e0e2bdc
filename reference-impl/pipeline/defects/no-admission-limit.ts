import { type Defect, defect } from 'raceproof'
import { Admission } from '../admission.ts'

/** Everybody is let in, until the machine gives way. */
export const noAdmissionLimit: Defect = defect(
  'no-admission-limit',
  Admission,
  {
    source: 'sse-reliability-issues, scalability',
    wrong: 'no cap on running plans or connections',
    caughtBy: ['bounds'],
    worlds: ['sim', 'live'],
    scenarios: ['more-than-fits'],
  },
  (Correct) =>
    class extends Correct {
      protected override isFull(): boolean {
        // DEFECT: there is always room for one more
        return false
      }
    },
)
