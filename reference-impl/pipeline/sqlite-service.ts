import Database from 'libsql'
import type { SqlValue } from './sql.ts'

/** What the database is asked for: open a connection, run a statement on it, or close it. */
export type SqliteRequest =
  | { do: 'open'; call: number; connection: number; file: string; maxBytes: number | null }
  | { do: 'query'; call: number; connection: number; text: string; values: SqlValue[] }
  | { do: 'close'; call: number; connection: number }

export type SqliteReply = { call: number; rows: object[] } | { call: number; error: string; code: string | undefined }

/** SQLite's pages are so large unless it is told otherwise before the first one is written. */
const pageBytes = 4096

/** SQLite behind requests and replies, so that it can be on another thread than those who ask. */
export class SqliteService {
  readonly #connections = new Map<number, InstanceType<typeof Database>>()

  answer(request: SqliteRequest): SqliteReply {
    try {
      return { call: request.call, rows: this.#perform(request) }
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      return { call: request.call, error: message, code }
    }
  }

  /** Closes whatever is open. */
  close(): void {
    for (const connection of this.#connections.values()) connection.close()
    this.#connections.clear()
  }

  #perform(request: SqliteRequest): object[] {
    if (request.do === 'open') {
      this.#connections.set(request.connection, openConnection(request))
      return []
    }
    const connection = this.#connections.get(request.connection)
    if (connection === undefined) throw new Error(`connection ${request.connection} is not open`)
    if (request.do === 'query') return connection.prepare(request.text).all(request.values) as object[]
    this.#connections.delete(request.connection)
    connection.close()
    return []
  }
}

// Time-out 0: a transaction that meets another writer fails at once instead of waiting where nobody sees it. Writers
// queue in the server's own lock, so it never happens; if it does, it is a bug, and it shows.
function openConnection({ file, maxBytes }: { file: string; maxBytes: number | null }): InstanceType<typeof Database> {
  const connection = new Database(file, { timeout: 0 })
  connection.exec('PRAGMA journal_mode = WAL')
  connection.exec('PRAGMA synchronous = NORMAL')
  if (maxBytes !== null) connection.exec(`PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)}`)
  return connection
}
