import { type Defect, defect } from 'raceproof'
import { ProcessRunner } from '../process-runner.ts'

/** A grandchild that holds the pipe keeps its plan open for ever. */
export const endlessDrain: Defect = defect(
  'endless-drain',
  ProcessRunner,
  {
    source: 'thread-safety-analysis, graceful shutdown',
    wrong: 'no drain time-out: a grandchild that holds stdout keeps the plan open for ever',
    caughtBy: ['progress'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-reader-cleanup'],
  },
  (Correct) =>
    class extends Correct {
      protected override async drain(output: Promise<void>): Promise<boolean> {
        // DEFECT: nothing bounds the wait
        return output.then(() => true)
      }
    },
)
