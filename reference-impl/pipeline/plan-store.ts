import type { ConnectionPool } from './connection-pool.ts'
import type { Connection } from './database.ts'
import { type Ending, endingEvent } from './ending.ts'
import type { PlanKey, PlanRecord, PlanState } from './plan.ts'
import { list, type Sql, sql } from './sql.ts'
import { type EventType, StreamEvent } from './stream-event.ts'

/** An event to be stored, and how the plan ends with it if it is the last. */
export interface StoredEntry {
  readonly plan: PlanKey
  readonly event: StreamEvent
  readonly ending: Ending | null
}

interface PlanRow {
  id: string
  plan: string
  state: PlanState
  created_at: number
  lines_read: number
  last_event_id: number
  exit_code: number | null
  reason: string | null
}

interface EventRow {
  id: number
  type: EventType
  data: string
}

// Every statement below runs on SQLite and on PostgreSQL. Times and counts are numbers that both keep exactly.
const schema = [
  sql`CREATE TABLE IF NOT EXISTS plans (
    plan TEXT PRIMARY KEY, id TEXT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL,
    lines_read INTEGER NOT NULL DEFAULT 0, last_event_id INTEGER NOT NULL DEFAULT 0, exit_code INTEGER, reason TEXT)`,
  // A deleted plan stays as a row, so that its id is known to be gone; only one plan of an id can live.
  sql`CREATE UNIQUE INDEX IF NOT EXISTS living_plans ON plans (id) WHERE state <> 'deleted'`,
  sql`CREATE INDEX IF NOT EXISTS plans_by_id ON plans (id, created_at)`,
  sql`CREATE TABLE IF NOT EXISTS events (
    plan TEXT NOT NULL, id INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (plan, id))`,
]

const planColumns = sql`plan, id, state, created_at, lines_read, last_event_id, exit_code, reason`

/** Plans and their events in a SQL database. */
export class PlanStore {
  protected readonly pool: ConnectionPool
  readonly #retainEvents: number

  constructor(pool: ConnectionPool, { retainEvents }: { retainEvents: number }) {
    this.pool = pool
    this.#retainEvents = retainEvents
  }

  /** Makes the tables, and puts right what a server left behind that was killed: its plans have failed. */
  async open(): Promise<void> {
    await this.pool.transaction(async (connection) => {
      for (const statement of schema) await connection.query(statement)
      await this.#failInterrupted(connection)
      await connection.query(sql`DELETE FROM events WHERE plan IN (SELECT plan FROM plans WHERE state = 'deleted')`)
    })
  }

  /** Stores a new plan. Returns false when a plan of its id lives. */
  async insert(plan: PlanRecord): Promise<boolean> {
    const inserted = await this.pool.write(sql`
      INSERT INTO plans (plan, id, state, created_at) VALUES (${plan.key}, ${plan.id}, 'accepted', ${plan.createdAt})
      ON CONFLICT (id) WHERE state <> 'deleted' DO NOTHING RETURNING plan`)
    return inserted.length === 1
  }

  /** The living plan of this id, else the one that was deleted last, else undefined. */
  async find(id: string): Promise<PlanRecord | undefined> {
    const [row] = await this.pool.use((connection) =>
      connection.query<PlanRow>(sql`
        SELECT ${planColumns} FROM plans WHERE id = ${id}
        ORDER BY CASE state WHEN 'deleted' THEN 1 ELSE 0 END, created_at DESC LIMIT 1`),
    )
    return row && recordOf(row)
  }

  /** The newest living plans, at most `limit`. */
  async newest(limit: number): Promise<PlanRecord[]> {
    const rows = await this.pool.use((connection) =>
      connection.query<PlanRow>(sql`
        SELECT ${planColumns} FROM plans WHERE state <> 'deleted' ORDER BY created_at DESC, plan LIMIT ${limit}`),
    )
    return rows.map(recordOf)
  }

  /** Notes how far a plan has come; the condition keeps a late note from reviving a plan that has ended. */
  async saveProgress(plan: PlanKey, lines: number): Promise<void> {
    await this.pool.write(sql`
      UPDATE plans SET state = 'running', lines_read = ${lines}
      WHERE plan = ${plan.key} AND state IN ('accepted', 'running')`)
  }

  /** Stores events, and the ends of plans with their last events, all or nothing. */
  async append(entries: readonly StoredEntry[]): Promise<void> {
    const statements = [
      sql`INSERT INTO events (plan, id, type, data) VALUES ${list(entries.map(eventValues))}`,
      ...entries.flatMap(({ plan, event, ending }) => (ending ? [endOf(plan, event.id, ending)] : [])),
      ...this.#trims(entries),
    ]
    await this.pool.transaction((connection) => Promise.all(statements.map((one) => connection.query(one))))
  }

  /** Up to `limit` events after the given id, in order. */
  async eventsAfter(plan: PlanKey, after: number, limit: number): Promise<StreamEvent[]> {
    const rows = await this.pool.use((connection) =>
      connection.query<EventRow>(sql`
        SELECT id, type, data FROM events WHERE plan = ${plan.key} AND id > ${after} ORDER BY id LIMIT ${limit}`),
    )
    return rows.map(({ id, type, data }) => new StreamEvent(id, type, data))
  }

  /** Marks a plan as deleted that has ended before. Returns false when it was deleted already. */
  async markDeleted(plan: PlanKey): Promise<boolean> {
    const marked = await this.pool.write(
      sql`UPDATE plans SET state = 'deleted' WHERE plan = ${plan.key} AND state <> 'deleted' RETURNING plan`,
    )
    return marked.length === 1
  }

  /** Forgets the events of a deleted plan, and the plans of its id that were deleted before it. */
  async purge(plan: PlanKey): Promise<void> {
    const statements = [
      sql`DELETE FROM events WHERE plan = ${plan.key}`,
      sql`DELETE FROM plans WHERE id = ${plan.id} AND state = 'deleted'
        AND created_at < (SELECT created_at FROM plans WHERE plan = ${plan.key})`,
    ]
    await this.pool.transaction((connection) => Promise.all(statements.map((one) => connection.query(one))))
  }

  /** Keeps the newest events of each plan that has just got some. */
  #trims(entries: readonly StoredEntry[]): Sql[] {
    const newest = new Map(entries.map(({ plan, event }) => [plan.key, event.id]))
    return [...newest]
      .filter(([, id]) => id > this.#retainEvents)
      .map(([key, id]) => sql`DELETE FROM events WHERE plan = ${key} AND id <= ${id - this.#retainEvents}`)
  }

  async #failInterrupted(connection: Connection): Promise<void> {
    const interrupted = await connection.query<PlanRow & { last: number | null }>(sql`
      SELECT ${planColumns}, (SELECT MAX(events.id) FROM events WHERE events.plan = plans.plan) AS last
      FROM plans WHERE state IN ('accepted', 'running')`)
    for (const row of interrupted) {
      const event = endingEvent(Number(row.last ?? 0) + 1, interruption)
      const plan = { id: row.id, key: row.plan }
      await connection.query(sql`INSERT INTO events (plan, id, type, data) VALUES ${eventValues({ plan, event })}`)
      await connection.query(endOf(plan, event.id, interruption))
    }
  }
}

const interruption: Ending = {
  type: 'failed',
  reason: 'the server was killed while the plan ran',
  exitCode: null,
  signal: null,
  lines: null,
}

function endOf(plan: PlanKey, lastEventId: number, ending: Ending): Sql {
  const lines = ending.lines && ending.lines.stdout + ending.lines.stderr
  return sql`
    UPDATE plans SET state = ${ending.type}, last_event_id = ${lastEventId},
      lines_read = COALESCE(${lines}, lines_read), exit_code = ${ending.exitCode}, reason = ${ending.reason}
    WHERE plan = ${plan.key}`
}

function eventValues({ plan, event }: Pick<StoredEntry, 'plan' | 'event'>): Sql {
  return sql`(${plan.key}, ${event.id}, ${event.type}, ${event.json})`
}

// PostgreSQL's driver gives big integers as text.
function recordOf(row: PlanRow): PlanRecord {
  return {
    id: row.id,
    key: row.plan,
    state: row.state,
    createdAt: Number(row.created_at),
    linesRead: row.lines_read,
    lastEventId: row.last_event_id,
    exitCode: row.exit_code,
    reason: row.reason,
  }
}
