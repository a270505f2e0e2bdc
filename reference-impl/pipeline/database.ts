import type { Sql } from './sql.ts'

/** One connection to a SQL database. Transactions belong to a connection, so it serves one of them at a time. */
export interface Connection {
  readonly id: string
  /** Runs a statement, after those that were asked for before, and returns its rows; rejects with the database's error. */
  query<Row extends object>(statement: Sql): Promise<Row[]>
  close(): Promise<void>
}

/** A SQL database, with the little in which databases differ. */
export interface Database {
  /** As many connections as it can serve at once. */
  readonly maxConnections: number
  connect(): Promise<Connection>
  /** Runs what writes: in turn where the database allows one writer at a time, else at once. */
  inTurn<T>(write: () => Promise<T>): Promise<T>
  close(): Promise<void>
}
