import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** A call that comes between the look and the sleep is not heard. */
export const missedWakeup: Defect = defect(
  'missed-wakeup',
  ReentrantLock,
  {
    source: 'thread-safe-state-management, Atomics-based lock',
    wrong: 'passes `Atomics.wait` the value loaded again, not the one it checked: a notify in between is lost',
    caughtBy: ['progress'],
    worlds: ['threads'],
    scenarios: ['lock-entered-twice'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override park(word: number, _seen: number, timeoutMs: number) {
        super.park(word, Atomics.load(this.words, word), timeoutMs) // DEFECT: it may have changed since it was seen
      }
    },
)
