import { type Defect, defect } from 'raceproof'
import type { ReentrantLockOptions } from '../../sync/reentrant-lock.ts'
import { ReentrantLock } from '../../sync/reentrant-lock.ts'

/** Each thread makes a lock of its own for what all of them share. */
export const perLoopLock: Defect = defect(
  'per-loop-lock',
  ReentrantLock,
  {
    source: 'mcp-thread-safety-insights, C-2',
    wrong: 'the loop of each worker guards the shared state with a mutex of its own',
    caughtBy: ['mutual-exclusion'],
    worlds: ['threads', 'live'],
    scenarios: ['threads-and-loop', 'state-storm', 'lock-entered-twice'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      constructor(options: ReentrantLockOptions) {
        super({ ...options, buffer: undefined }) // DEFECT: nobody else knows this lock
      }
    },
)
