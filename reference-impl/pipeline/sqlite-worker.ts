import { type MessagePort, parentPort } from 'node:worker_threads'
import Database from 'libsql'
import type { SqlValue } from './sql.ts'

/** What the main thread asks for: open a connection, run a statement on it, close it, or end. */
export type SqliteRequest =
  | { do: 'open'; call: number; connection: number; file: string }
  | { do: 'query'; call: number; connection: number; text: string; values: SqlValue[] }
  | { do: 'close'; call: number; connection: number }

export type SqliteReply = { call: number; rows: object[] } | { call: number; error: string; code: string | undefined }

/**
 * SQLite on a thread of its own. Its calls block, so here they block nobody who serves requests, and for the server a
 * statement is what it is with PostgreSQL: a message there and an answer back.
 */
function serve(port: MessagePort): void {
  const connections = new Map<number, InstanceType<typeof Database>>()
  port.on('message', (request: SqliteRequest) => port.postMessage(reply(connections, request)))
}

function reply(connections: Map<number, InstanceType<typeof Database>>, request: SqliteRequest): SqliteReply {
  try {
    return { call: request.call, rows: perform(connections, request) }
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    return { call: request.call, error: message, code }
  }
}

function perform(connections: Map<number, InstanceType<typeof Database>>, request: SqliteRequest): object[] {
  if (request.do === 'open') {
    connections.set(request.connection, openConnection(request.file))
    return []
  }
  const connection = connections.get(request.connection)
  if (connection === undefined) throw new Error(`connection ${request.connection} is not open`)
  if (request.do === 'query') return connection.prepare(request.text).all(request.values) as object[]
  connections.delete(request.connection)
  connection.close()
  return []
}

// Time-out 0: a transaction that meets another writer fails at once instead of waiting where nobody sees it. Writers
// queue in the server's own lock, so it never happens; if it does, it is a bug, and it shows.
function openConnection(file: string): InstanceType<typeof Database> {
  const connection = new Database(file, { timeout: 0 })
  connection.exec('PRAGMA journal_mode = WAL')
  connection.exec('PRAGMA synchronous = NORMAL')
  return connection
}

if (parentPort) serve(parentPort)
