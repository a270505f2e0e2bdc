import { type Defect, defect } from 'raceproof'
import { JobRegistry } from '../job-registry.ts'
import { turn } from '../turn.ts'

/** A stop writes over what became of the job while it was being stopped. */
export const splitCriticalSection: Defect = defect(
  'split-critical-section',
  JobRegistry,
  {
    source: 'race-condition-bug-fix, 4 (double lock acquisition)',
    wrong:
      'gets the controller under the lock, stops it, takes the lock again and overwrites a status that moved on meanwhile',
    caughtBy: ['lifecycle'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['analyses-restarted', 'simulation-of-a-thread'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async stop(id: string) {
        const { table } = this.options
        const job = await this.get(id)
        if (job.state !== 'running') return super.stop(id)
        this.abort(job)
        await turn() // the worker is told,
        await turn() // and hears it
        const stopping = { ...job, state: 'stopping' } as const
        await table.run(() => table.record(stopping, job.state)) // DEFECT: it may have ended since it was looked at
        return stopping
      }
    },
)
