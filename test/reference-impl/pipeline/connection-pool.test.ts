import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LockProbe, locks } from 'raceproof/probe'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConnectionPool } from '../../../reference-impl/pipeline/connection-pool.ts'
import type { Connection } from '../../../reference-impl/pipeline/database.ts'
import { sql } from '../../../reference-impl/pipeline/sql.ts'
import { SqliteDatabase } from '../../../reference-impl/pipeline/sqlite-database.ts'

async function poolOver(maxConnections: number, { inMemory = false, waitMs = 60_000 } = {}): Promise<ConnectionPool> {
  const folder = await mkdtemp(join(tmpdir(), 'pipeline-test-'))
  const pool = new ConnectionPool(new SqliteDatabase(inMemory ? null : join(folder, 'test.db')), {
    maxConnections,
    waitMs,
  })
  onTestFinished(async () => {
    await pool.close()
    await rm(folder, { recursive: true })
  })
  await pool.write(sql`CREATE TABLE t (x INTEGER PRIMARY KEY)`)
  return pool
}

const rowsOf = async (pool: ConnectionPool): Promise<number[]> => {
  const rows = await pool.use((connection) => connection.query<{ x: number }>(sql`SELECT x FROM t ORDER BY x`))
  return rows.map(({ x }) => x)
}
const insert = (connection: Connection, x: number) => connection.query(sql`INSERT INTO t VALUES (${x})`)

describe.each([
  ['a file', false],
  ['memory', true],
])('the connection pool over a database in %s', (_where, inMemory) => {
  it('stores all of a transaction, or nothing', async () => {
    const pool = await poolOver(3, { inMemory })
    await pool.transaction((connection) => insert(connection, 1))
    const failed = pool.transaction(async (connection) => {
      await insert(connection, 2)
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    expect(await rowsOf(pool)).toEqual([1])
  })

  it('keeps transactions that run at the same time apart', async () => {
    const pool = await poolOver(3, { inMemory })
    const transactions = Array.from({ length: 20 }, (_, index) =>
      pool.transaction(async (connection) => {
        await insert(connection, index)
        await insert(connection, index + 100)
        if (index % 2 === 1) throw new Error('odd')
      }),
    )
    await Promise.allSettled(transactions)
    expect(await rowsOf(pool)).toEqual(
      [...Array(10).keys()].map((half) => half * 2).concat([...Array(10).keys()].map((half) => half * 2 + 100)),
    )
  })

  it('gives connections back whatever happens', async () => {
    const pool = await poolOver(1, { inMemory })
    for (let time = 0; time < 5; time++) {
      await expect(pool.use((connection) => connection.query(sql`SELECT nonsense`))).rejects.toThrow('nonsense')
    }
    expect(await rowsOf(pool)).toEqual([])
  })
})

describe('the connection pool', () => {
  it('lends no more connections than it may, and serves those who wait in turn', async () => {
    const pool = await poolOver(2)
    let lent = 0
    let most = 0
    const order: number[] = []
    const uses = Array.from({ length: 10 }, (_, index) =>
      pool.use(async (connection) => {
        most = Math.max(most, ++lent)
        await connection.query(sql`SELECT 1`)
        order.push(index)
        lent--
      }),
    )
    await Promise.all(uses)
    expect(most).toBe(2)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('says so when no connection becomes free in time, and goes on when one does', async () => {
    const pool = await poolOver(1, { waitMs: 20 })
    let letGo = () => {}
    const holder = pool.use(
      () =>
        new Promise<void>((resolve) => {
          letGo = resolve
        }),
    )
    await expect(rowsOf(pool)).rejects.toThrow('none of the 1 database connections became free in 20 ms')
    letGo()
    await holder
    expect(await rowsOf(pool)).toEqual([])
  })

  it('lets readers read while somebody writes', async () => {
    const pool = await poolOver(2)
    await pool.transaction(async (connection) => {
      await insert(connection, 1)
      expect(await rowsOf(pool)).toEqual([])
    })
    expect(await rowsOf(pool)).toEqual([1])
  })

  it('queues writers in a lock that tells who waits', async () => {
    const pool = await poolOver(4)
    const seen: LockProbe[] = []
    const listen = (message: unknown) => void seen.push(message as LockProbe)
    locks.subscribe(listen)
    await Promise.all([1, 2, 3].map((x) => pool.transaction((connection) => insert(connection, x))))
    locks.unsubscribe(listen)
    const waits = seen.filter(({ lock, event }) => lock === 'db-write' && event === 'waiting')
    expect(waits).toHaveLength(2)
  })

  it('waits for the work in hand before it closes', async () => {
    const pool = await poolOver(2)
    let done = false
    const work = pool.use(async (connection) => {
      for (let time = 0; time < 10; time++) await connection.query(sql`SELECT ${time} AS x`)
      done = true
    })
    await pool.close()
    expect(done).toBe(true)
    await work
  })
})

describe('the embedded database', () => {
  it('lets a writer that did not wait its turn fail at once', async () => {
    const pool = await poolOver(2)
    await pool.transaction(async (connection) => {
      await insert(connection, 1)
      await expect(pool.use((other) => insert(other, 2))).rejects.toMatchObject({ code: 'SQLITE_BUSY' })
    })
  })

  it('grows no larger than it may, and takes more again when something was removed', async () => {
    const database = new SqliteDatabase(null, { maxBytes: 64 * 1024 })
    onTestFinished(() => database.close())
    const { query } = await database.connect()
    await query(sql`CREATE TABLE t (x TEXT)`)
    const add = () => query(sql`INSERT INTO t VALUES (${'x'.repeat(20_000)})`)
    await add()
    await add()
    await expect(add()).rejects.toMatchObject({ code: 'SQLITE_FULL' })
    await query(sql`DELETE FROM t`)
    await add()
  })

  it('fails what is asked of it after it was closed', async () => {
    const database = new SqliteDatabase(null)
    const connection = await database.connect()
    const pending = connection.query(sql`SELECT 1`)
    await database.close()
    await Promise.allSettled([pending])
    await expect(connection.query(sql`SELECT 1`)).rejects.toThrow('the database is closed')
  })
})
