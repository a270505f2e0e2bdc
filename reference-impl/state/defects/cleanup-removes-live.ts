import { type Defect, defect } from 'raceproof'
import { JobRegistry } from '../job-registry.ts'
import { turn } from '../turn.ts'

/** An analysis that is restarted while old ones are removed is removed with them. */
export const cleanupRemovesLive: Defect = defect(
  'cleanup-removes-live',
  JobRegistry,
  {
    source: 'race-condition-bug-fix, `_cleanup_old_analyses`',
    wrong: 'cleanup picks the old entries, then deletes by id after an await, removing a restarted one',
    caughtBy: ['survival'],
    worlds: ['sim', 'threads', 'live'],
    scenarios: ['analyses-restarted', 'simulation-of-a-thread'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      override async cleanup(olderThanMs: number) {
        const { table } = this.options
        const untilMs = Date.now() - olderThanMs
        const old = (await this.list()).filter(({ endedMs }) => endedMs !== null && endedMs <= untilMs)
        await turn()
        return table.run(() => old.map(({ id }) => id).filter((id) => table.remove(id))) // DEFECT: some may live again
      }
    },
)
