import { type Defect, defect } from 'raceproof'
import { SharedSemaphore } from '../../sync/shared-semaphore.ts'

/** A waiter that gave up is admitted all the same, and never leaves. */
export const abandonedAcquire: Defect = defect(
  'abandoned-acquire',
  SharedSemaphore,
  {
    source: 'race-condition-bug-fix, AsyncThreadLock',
    wrong: 'the caller gives up waiting; the acquisition succeeds later and nobody releases',
    caughtBy: ['leftovers', 'progress'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['permits-returned', 'permit-waited-for'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override giveUp(_ticket: number) {
        return true // DEFECT: its place in the line still says that it waits
      }
    },
)
