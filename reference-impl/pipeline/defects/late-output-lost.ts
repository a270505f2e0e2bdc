import { type Defect, defect } from 'raceproof'
import { ProcessRunner } from '../process-runner.ts'

/** What the process wrote last is lost when it exits before all of it was read. */
export const lateOutputLost: Defect = defect(
  'late-output-lost',
  ProcessRunner,
  {
    source: 'thread-safety-analysis, scenario 3',
    wrong: 'the plan is closed at process exit, while output is still buffered in the pipe',
    caughtBy: ['delivery'],
    worlds: ['sim', 'live'],
    scenarios: ['multi-client-disconnect', 'rapid-create-delete', 'slow-reader-cleanup'],
    race: true,
    liveRuns: 10,
  },
  (Correct) =>
    class extends Correct {
      protected override async drain(): Promise<boolean> {
        // DEFECT: the exit of the process is taken for the end of its output
        return true
      }
    },
)
