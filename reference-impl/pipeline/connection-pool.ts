import { resources } from 'raceproof/probe'
import type { Connection, Database } from './database.ts'
import { type Sql, sql } from './sql.ts'

/**
 * A bounded set of database connections. A connection is lent to one task at a time and comes back whatever happens,
 * so that no transaction ever sees the statements of another.
 */
export class ConnectionPool {
  protected readonly database: Database
  readonly #maxConnections: number
  readonly #waitMs: number
  readonly #idle: Connection[] = []
  readonly #waiting: ((connection: Connection) => void)[] = []
  #open = 0
  #onAllReturned: () => void = () => {}

  constructor(database: Database, { maxConnections, waitMs }: { maxConnections: number; waitMs: number }) {
    this.database = database
    this.#maxConnections = Math.min(maxConnections, database.maxConnections)
    this.#waitMs = waitMs
  }

  /** Lends a connection to `work`. Rejects when none becomes free in time. */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.borrow()
    try {
      return await work(connection)
    } finally {
      this.giveBack(connection)
    }
  }

  /** Runs one statement that writes. */
  write<Row extends object>(statement: Sql): Promise<Row[]> {
    return this.writing((connection) => connection.query<Row>(statement))
  }

  /** Runs `work` as one write transaction: all of it is stored, or, when it throws, nothing. */
  async transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.writing(async (connection) => {
      try {
        // The statements of `work` follow BEGIN on their way to the database without waiting for its answer.
        const [, result] = await Promise.all([connection.query(sql`BEGIN`), work(connection)])
        await connection.query(sql`COMMIT`)
        return result
      } catch (error) {
        // A COMMIT that failed may have ended the transaction already; the error to tell is the first one.
        await connection.query(sql`ROLLBACK`).catch(() => {})
        throw error
      }
    })
  }

  /** Waits for the work in hand, as long as work may wait for a connection, and closes everything. */
  async close(): Promise<void> {
    await this.#allReturned()
    const connections = this.#idle.splice(0)
    this.#open -= connections.length
    await Promise.all(connections.map((connection) => connection.close()))
    await this.database.close()
  }

  /** Lends a connection to what writes, when its turn has come where only one may write. */
  protected writing<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.database.inTurn(() => this.use(work))
  }

  protected async borrow(): Promise<Connection> {
    const connection = this.#idle.pop() ?? (await this.#newOrNextFree())
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'db-connection', id: connection.id })
    return connection
  }

  protected giveBack(connection: Connection): void {
    if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'db-connection', id: connection.id })
    const next = this.#waiting.shift()
    if (next) next(connection)
    else this.#idle.push(connection)
    if (this.#idle.length === this.#open) this.#onAllReturned()
  }

  async #newOrNextFree(): Promise<Connection> {
    if (this.#open >= this.#maxConnections) return this.#nextFree()
    this.#open++
    try {
      return await this.database.connect()
    } catch (error) {
      this.#open--
      throw error
    }
  }

  #allReturned(): Promise<void> {
    if (this.#idle.length === this.#open) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#waitMs)
      this.#onAllReturned = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #nextFree(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const served = (connection: Connection) => {
        clearTimeout(timer)
        resolve(connection)
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(served), 1)
        reject(new Error(`none of the ${this.#maxConnections} database connections became free in ${this.#waitMs} ms`))
      }, this.#waitMs)
      this.#waiting.push(served)
    })
  }
}
