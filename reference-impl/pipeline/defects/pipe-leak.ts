import { type Defect, defect } from 'raceproof'
import { ProcessRunner } from '../process-runner.ts'

/** The processes that a deleted plan has started live on. */
export const pipeLeak: Defect = defect(
  'pipe-leak',
  ProcessRunner,
  {
    source: 'thread-safety-analysis, impact',
    wrong: 'deleting a running plan leaves its process or pipes',
    caughtBy: ['leftovers'],
    worlds: ['sim', 'live'],
    scenarios: ['slow-reader-cleanup', 'rapid-create-delete'],
  },
  (Correct) =>
    class extends Correct {
      override kill(): void {
        // DEFECT: whoever was started goes on, and holds the pipes
      }
    },
)
