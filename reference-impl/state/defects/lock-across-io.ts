import { type Defect, defect } from 'raceproof'
import { TestRunner } from '../test-runner.ts'

/** Nobody can even ask for the status while a test takes its time to end. */
export const lockAcrossIo: Defect = defect(
  'lock-across-io',
  TestRunner,
  {
    source: 'thread-safe-state-management, best practice 4',
    wrong: 'the lock is held during I/O',
    caughtBy: ['contention'],
    worlds: ['sim', 'live'],
    scenarios: ['status-while-stopping'],
  },
  (Correct) =>
    class extends Correct {
      override stop() {
        return this.options.tests.run(() => super.stop()) // DEFECT: until the process is gone
      }
    },
)
