import { type Defect, defect } from 'raceproof'
import { TestExecutionManager } from '../test-execution-manager.ts'

/** The late word that a test has ended stops the next one. */
export const stopStartMix: Defect = defect(
  'stop-start-mix',
  TestExecutionManager,
  {
    source: 'thread-safe-state-management, TestExecutionManager',
    wrong: 'a late stop clears the fields of a newer test',
    caughtBy: ['linearizable'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['tests-start-and-stop', 'test-stopped-late'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override stopTest(_execution?: number) {
        return super.stopTest() // DEFECT: whichever test is running now
      }
    },
)
