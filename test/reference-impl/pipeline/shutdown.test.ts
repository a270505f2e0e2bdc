import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PlanKey } from '../../../reference-impl/pipeline/plan.ts'
import { PlanStore } from '../../../reference-impl/pipeline/plan-store.ts'
import { pipelineParts, startPipeline } from '../../../reference-impl/pipeline/server.ts'
import { sql } from '../../../reference-impl/pipeline/sql.ts'
import { SqliteDatabase } from '../../../reference-impl/pipeline/sqlite-database.ts'
import type { StreamEvent } from '../../../reference-impl/pipeline/stream-event.ts'
import { linesOf, numbered, readSse, readWebSocket } from './readers.ts'
import { isAlive, startMain, UnderTest, until } from './under-test.ts'

/** A database that is slow to close. */
class SlowlyClosed extends SqliteDatabase {
  isClosed = false

  override async close(): Promise<void> {
    await delay(50)
    await super.close()
    this.isClosed = true
  }
}

/** Reading events back waits for something first. */
class SlowlyRead extends PlanStore {
  override async eventsAfter(plan: PlanKey, after: number, limit: number): Promise<StreamEvent[]> {
    await delay(100)
    return super.eventsAfter(plan, after, limit)
  }
}

/** Deleting the events of a plan waits for something first. */
class SlowlyPurged extends PlanStore {
  override async purge(plan: PlanKey): Promise<void> {
    await delay(100)
    await super.purge(plan)
  }
}

describe('stopping', () => {
  it('lets plans that end soon end by themselves', async () => {
    const server = await UnderTest.start({ config: { stopGraceMs: 30_000 } })
    await server.create({ id: 'a', lines: 20, rate: 100 })
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    await until(() => readers.every(({ reading }) => reading.events.length > 0))
    const stopped = server.stop()
    for (const { done } of readers) expect(linesOf(await done)).toEqual(numbered(20))
    await stopped
  })

  it('ends the other plans, tells their readers, and leaves no process', async () => {
    const server = await UnderTest.start({ config: { stopGraceMs: 50 } })
    await server.create({ id: 'a', command: ['bash', '-c', 'sleep 600 & echo $!; wait'] })
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    await until(() => readers.every(({ reading }) => reading.events.length === 1))
    await server.stop()
    for (const { done } of readers) {
      const terminal = { type: 'failed', data: { reason: 'the server was stopped' } }
      expect((await done).events.at(-1)).toMatchObject(terminal)
    }
    await until(() => !isAlive(Number(readers[0]?.reading.events[0]?.data.line)))
  })

  it('waits for a reader that is behind, and tells one that takes too long why it is cut off', async () => {
    const config = { closeTimeoutMs: 300, slowReaderMs: 60_000, replayEvents: 10, subscriberQueueEvents: 10 }
    const server = await UnderTest.start({ config })
    await server.create({ id: 'a', lines: 12_000, lineBytes: 1_000 })
    const [slow, fast] = [readSse(server.url, 'a'), readSse(server.url, 'a')]
    await until(() => slow.reading.events.length > 0)
    slow.pause()
    await fast.done
    await server.stop()
    slow.resume()
    expect((await slow.done).events.at(-1)?.type).not.toBe('completed')
  })

  it('waits until the events of deleted plans are gone, which takes its time', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pipeline-test-'))
    onTestFinished(() => rm(dataDir, { recursive: true }))
    const server = await UnderTest.start({ dataDir, parts: { PlanStore: SlowlyPurged } })
    await server.create({ id: 'a', lines: 1 })
    await until(async () => (await server.request('GET', '/api/plans/a')).json.state === 'completed')
    await server.request('DELETE', '/api/plans/a')
    await server.stop()

    const database = new SqliteDatabase(join(dataDir, 'pipeline.db'))
    const connection = await database.connect()
    expect(await connection.query(sql`SELECT * FROM events`)).toEqual([])
    await database.close()
  })

  it('answers who has asked for what must be read back, and keeps nothing of it', async () => {
    const server = await UnderTest.start({ parts: { PlanStore: SlowlyRead } })
    await server.create({ id: 'a', lines: 1 })
    await readSse(server.url, 'a').done
    await until(() => server.open('stream').length === 0)
    const asked = server.request('GET', '/api/plans/a/stream-status')
    // By then the request, which was sent before, has come.
    await server.request('GET', '/healthz')
    const stopped = server.stop()
    expect((await asked).status).toBe(200)
    await stopped
    expect(server.open('stream')).toEqual([])
  })

  it('may be asked for twice', async () => {
    const server = await UnderTest.start()
    await Promise.all([server.stop(), server.stop()])
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('happens on %s: the program drains and exits with code 0', async (signal) => {
    const { child, url } = await startMain('--port', '0')
    const accepted = await fetch(`${url}/api/plans`, { method: 'POST', body: '{"id":"a","lines":20,"rate":50}' })
    expect(accepted.status).toBe(201)
    const reader = readSse(url, 'a')
    await until(() => reader.reading.events.length > 0)
    child.kill(signal)
    expect(linesOf(await reader.done)).toEqual(numbered(20))
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('is not needed when the start fails: a port in use is told, and nothing is left open', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const database = new SlowlyClosed(null)
    await expect(startPipeline(pipelineParts, { port, database })).rejects.toThrow('EADDRINUSE')
    expect(database.isClosed).toBe(true)
    other.close()
  })

  it('is not needed when the database cannot be opened', async () => {
    await expect(startPipeline(pipelineParts, { dataDir: '/no/such/folder' })).rejects.toThrow(/open/)
  })
})
