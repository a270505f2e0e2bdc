import { type Defect, defect } from 'raceproof'
import { ConnectionPool } from '../connection-pool.ts'
import type { Connection } from '../database.ts'

/** Work that fails takes its database connection along. */
export const dbSessionLeak: Defect = defect(
  'db-session-leak',
  ConnectionPool,
  {
    source: 'thread-safety-analysis, impact',
    wrong: 'an error path does not return its connection; the pool runs dry',
    caughtBy: ['leftovers', 'progress'],
    worlds: ['sim', 'live'],
    scenarios: ['database-full'],
  },
  (Correct) =>
    class extends Correct {
      override async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
        const connection = await this.borrow()
        const result = await work(connection)
        // DEFECT: never reached when the work fails
        this.giveBack(connection)
        return result
      }
    },
)
