import { type Defect, defect } from 'raceproof'
import type { Execution } from '../process-runner.ts'
import { ProcessRunner } from '../process-runner.ts'

/** After the drain time-out the plan is cleaned up, and its readers go on reading. */
export const readerAbandoned: Defect = defect(
  'reader-abandoned',
  ProcessRunner,
  {
    source: 'thread-safety-analysis 4',
    wrong: "after the readers' drain time-out, cleanup proceeds while the readers still run",
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-reader-cleanup'],
  },
  (Correct) =>
    class extends Correct {
      protected override async cutOff({ exited }: Execution): Promise<void> {
        // DEFECT: whoever still holds the pipes keeps them, and the readers with them
        await exited
      }
    },
)
