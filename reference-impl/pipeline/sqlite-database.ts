import { Worker } from 'node:worker_threads'
import { builtFile } from '../sync/built-file.ts'
import { ReentrantLock } from '../sync/reentrant-lock.ts'
import type { Connection, Database } from './database.ts'
import type { Sql, SqlValue } from './sql.ts'
import type { SqliteReply, SqliteRequest } from './sqlite-service.ts'

interface PendingCall {
  resolve(rows: object[]): void
  reject(error: Error): void
}

/** What answers requests to the database: a thread of its own. */
export interface SqliteThread {
  postMessage(request: SqliteRequest): void
  on(event: 'message', listener: (reply: SqliteReply) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: () => void): unknown
  /** Resolves when it has ended. */
  terminate(): Promise<unknown>
}

/** SQLite allows one writer at a time, so write transactions queue in our own lock, where the waits can be seen. */
export class SqliteDatabase implements Database {
  readonly maxConnections: number
  readonly #file: string
  readonly #maxBytes: number | null
  readonly #thread: SqliteThread
  readonly #writers = new ReentrantLock({ name: 'db-write' })
  readonly #pending = new Map<number, PendingCall>()
  #calls = 0
  #connections = 0
  /** Why nothing can be asked any more. */
  #over: Error | null = null

  /**
   * `file` is created when it does not exist; null keeps everything in memory, in one connection. Past `maxBytes`, what
   * would make the database larger fails.
   */
  constructor(file: string | null, { maxBytes = null }: { maxBytes?: number | null } = {}) {
    this.#file = file ?? ':memory:'
    this.#maxBytes = maxBytes
    this.maxConnections = file === null ? 1 : Number.POSITIVE_INFINITY
    this.#thread = this.startThread()
    this.#thread.on('message', (reply) => this.#settle(reply))
    this.#thread.on('error', (error) => this.#failAll(new Error('the database thread died', { cause: error })))
    this.#thread.on('exit', () => this.#failAll(new Error('the database is closed')))
  }

  async connect(): Promise<Connection> {
    const connection = ++this.#connections
    await this.#call({ do: 'open', connection, file: this.#file, maxBytes: this.#maxBytes })
    return {
      id: `sqlite-${connection}`,
      query: <Row extends object>(statement: Sql) =>
        this.#call({ do: 'query', connection, ...rendered(statement) }) as Promise<Row[]>,
      close: async () => {
        await this.#call({ do: 'close', connection })
      },
    }
  }

  inTurn<T>(write: () => Promise<T>): Promise<T> {
    return this.#writers.run(write)
  }

  async close(): Promise<void> {
    await this.#thread.terminate()
  }

  protected startThread(): SqliteThread {
    return new Worker(builtFile('reference-impl/pipeline/sqlite-worker'))
  }

  #call(request: Request): Promise<object[]> {
    if (this.#over) return Promise.reject(this.#over)
    const call = ++this.#calls
    return new Promise((resolve, reject) => {
      this.#pending.set(call, { resolve, reject })
      this.#thread.postMessage({ ...request, call } as SqliteRequest)
    })
  }

  #settle(reply: SqliteReply): void {
    const pending = this.#pending.get(reply.call)
    this.#pending.delete(reply.call)
    if ('rows' in reply) pending?.resolve(reply.rows)
    else pending?.reject(Object.assign(new Error(reply.error), { code: reply.code }))
  }

  #failAll(error: Error): void {
    this.#over ??= error
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

type WithoutCall<R> = R extends unknown ? Omit<R, 'call'> : never
type Request = WithoutCall<SqliteRequest>

function rendered(statement: Sql): { text: string; values: SqlValue[] } {
  return { text: statement.text(() => '?'), values: statement.values }
}
