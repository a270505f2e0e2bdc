import { type Defect, defect } from 'raceproof'
import type { TestRequest } from '../test-runner.ts'
import { TestRunner } from '../test-runner.ts'
import { turn } from '../turn.ts'

/** Two who start a test at once both find that none is running. */
export const testDoubleStart: Defect = defect(
  'test-double-start',
  TestRunner,
  {
    source: 'thread-safe-state-management, TestExecutionManager',
    wrong: 'checks `isRunning`, awaits the spawn for the pid, then records: two tests run',
    caughtBy: ['linearizable', 'lifecycle'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['tests-start-and-stop', 'test-bench-shared'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async claim(request: TestRequest) {
        const { tests } = this.options
        if (await tests.run(() => tests.isRunning())) return null
        await turn()
        return tests.run(() => {
          tests.reset() // DEFECT: a test that was started meanwhile is forgotten
          return tests.startTest({ ...request, pid: null })
        })
      }
    },
)
