import { type Defect, defect } from 'raceproof'
import { ConnectionPool } from '../connection-pool.ts'
import type { Connection } from '../database.ts'

/** All writes go through one session, into whatever transaction somebody else has begun in it. */
export const sharedDbSession: Defect = defect(
  'shared-db-session',
  ConnectionPool,
  {
    source: 'thread-safety-analysis 6',
    wrong:
      "one database connection serves all requests; another request's write joins the transaction that is open, and is rolled back with it",
    caughtBy: ['survival'],
    worlds: ['sim', 'live'],
    scenarios: ['plans-at-once'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async writing<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
        const connection = await this.borrow()
        this.giveBack(connection)
        // DEFECT: from here on it serves everybody, in the middle of this one's transaction
        return work(connection)
      }
    },
)
