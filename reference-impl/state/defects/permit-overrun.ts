import { type Defect, defect } from 'raceproof'
import type { WaitOptions } from '../../sync/patience.ts'
import { SharedSemaphore } from '../../sync/shared-semaphore.ts'
import { turn } from '../turn.ts'

/** Several find the same permit free. */
export const permitOverrun: Defect = defect(
  'permit-overrun',
  SharedSemaphore,
  {
    source: 'race-condition-bug-fix, semaphore',
    wrong: 'the count is read in one acquisition and taken in another, with an await between',
    caughtBy: ['bounds'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['permits-returned', 'permits-of-a-loop'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async acquire(options?: WaitOptions) {
        if (this.inside >= this.permits) return super.acquire(options)
        await turn() // the analysis is entered in the database
        Atomics.add(this.words, 0, 1) // DEFECT: takes a ticket, although the last permit may be gone
        return this.grant()
      }
    },
)
