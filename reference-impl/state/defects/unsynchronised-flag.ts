import { type Defect, defect } from 'raceproof'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** Whoever waits looks without `Atomics` whether its turn has come, and may see what was there before, for ever. */
export const unsynchronisedFlag: Defect = defect(
  'unsynchronised-flag',
  ReentrantLock,
  {
    source: 'thread-safe-state-management, stale reads',
    wrong: 'a plain read of a shared word that other threads change with Atomics',
    caughtBy: ['data-race'],
    worlds: ['threads'],
    scenarios: ['visits-read-plainly'],
  },
  (Correct) =>
    class extends Correct {
      protected override peek(word: number): number {
        return this.words[word] as number // DEFECT: nothing orders it with the writes of the other threads
      }
    },
)
