import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transitions } from 'raceproof/probe'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PlanStore } from '../../../reference-impl/pipeline/plan-store.ts'
import { linesOf, numbered, readSse, readWebSocket, typesOf } from './readers.ts'
import { isAlive, startMain, UnderTest, until } from './under-test.ts'

const sleeping = { command: ['sleep', '600'] }

/** A store whose inserts wait until they are let go. */
function gatedStore(): { PlanStore: typeof PlanStore; waiting: () => boolean; letGo: () => void } {
  let letGo: (() => void) | undefined
  const gated = class extends PlanStore {
    override async insert(plan: Parameters<PlanStore['insert']>[0]): Promise<boolean> {
      await new Promise<void>((resolve) => {
        letGo = resolve
      })
      return super.insert(plan)
    }
  }
  return { PlanStore: gated, waiting: () => letGo !== undefined, letGo: () => letGo?.() }
}

describe('the life of a plan', () => {
  it('fails with the exit code of its process', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 2, exitCode: 3 })
    expect((await readSse(server.url, 'a').done).events.at(-1)).toEqual({
      id: 3,
      type: 'failed',
      data: {
        reason: 'the process exited with code 3',
        exitCode: 3,
        signal: null,
        lines: { stdout: 2, stderr: 0 },
      },
    })
    const { json } = await server.request('GET', '/api/plans/a')
    expect(json).toMatchObject({ state: 'failed', exitCode: 3, reason: 'the process exited with code 3' })
  })

  it('fails when its command cannot be started', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', command: ['/no/such/program'] })
    const { events } = await readSse(server.url, 'a').done
    expect(events[0]?.data.reason).toBe('the command could not be started: spawn /no/such/program ENOENT')
  })

  it('ends with all lines, those of a process that outlives the first one included', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 30, stderrLines: 12, handOver: { lines: 10, delayMs: 50 } })
    const reading = await readSse(server.url, 'a').done
    expect(linesOf(reading)).toEqual(numbered(30))
    expect(linesOf(reading, 'stderr')).toEqual(numbered(12))
    expect(reading.events.at(-1)?.data).toEqual({ exitCode: 0, lines: { stdout: 30, stderr: 12 } })
  })

  it('fails with a reason when its output does not end in time, and leaves no process', async () => {
    const server = await UnderTest.start({ config: { drainTimeoutMs: 100 } })
    await server.create({ id: 'a', command: ['bash', '-c', 'sleep 600 & echo $!'] })
    const { events } = await readSse(server.url, 'a').done
    const reason = 'its output had not ended 100 ms after the process; it was cut off'
    expect(events.at(-1)).toMatchObject({ type: 'failed', data: { reason, exitCode: 0 } })
    await until(() => !isAlive(Number(events[0]?.data.line)))
    expect(server.open('reader')).toEqual([])
  })

  it('tells its progress', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 20, stderrLines: 5 })
    const { events } = await readSse(server.url, 'a').done
    const progress = events.filter(({ type }) => type === 'progress').map(({ data }) => data)
    expect(progress).toEqual([
      { lines: 10, of: 25 },
      { lines: 20, of: 25 },
    ])
  })

  it('prints at the rate that was asked for', async () => {
    const server = await UnderTest.start()
    const startedMs = performance.now()
    await server.create({ id: 'a', lines: 11, rate: 50 })
    await readSse(server.url, 'a').done
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(190)
  })

  it('is ended by its deletion: readers are told, and its processes are killed', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', command: ['bash', '-c', 'sleep 600 & echo $!; wait'] })
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    await until(() => readers.every(({ reading }) => reading.events.length === 1))
    expect((await server.request('DELETE', '/api/plans/a')).status).toBe(204)
    for (const { done } of readers) expect(typesOf(await done)).toEqual(['log', 'deleted'])
    await until(() => !isAlive(Number(readers[0]?.reading.events[0]?.data.line)))
    await until(() => server.open('execution').length === 0)
  })

  it('has one winner among many who create, and one among many who delete', async () => {
    const server = await UnderTest.start()
    const twenty = Array.from({ length: 20 })
    const created = await Promise.all(twenty.map(() => server.request('POST', '/api/plans', { id: 'a', ...sleeping })))
    expect(created.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)])
    const deleted = await Promise.all(twenty.map(() => server.request('DELETE', '/api/plans/a')))
    expect(deleted.map(({ status }) => status).sort()).toEqual([204, ...Array(19).fill(410)])
    await until(() => server.open('process').length === 0)
  })

  it('goes on by itself under an id that was used before, whatever becomes of its forerunners', async () => {
    const server = await UnderTest.start()
    for (let life = 0; life < 10; life++) {
      await server.create({ id: 'a', ...sleeping })
      const old = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
      await until(() => old.every(({ reading }) => reading.status !== 0))
      await server.request('DELETE', '/api/plans/a')
      await server.create({ id: 'a', lines: 3 })
      const young = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
      for (const { done } of old) expect(typesOf(await done)).toEqual(['deleted'])
      for (const { done } of young) expect(linesOf(await done)).toEqual(numbered(3))
      await server.request('DELETE', '/api/plans/a')
    }
  })

  it('is deleted in order when the deletion comes while it is being accepted', async () => {
    const gate = gatedStore()
    const server = await UnderTest.start({ parts: { PlanStore: gate.PlanStore } })
    const created = server.request('POST', '/api/plans', { id: 'a', ...sleeping })
    await until(gate.waiting)
    const deleted = server.request('DELETE', '/api/plans/a')
    expect((await server.request('GET', '/api/plans/a')).status).toBe(404)
    gate.letGo()
    expect([(await created).status, (await deleted).status]).toEqual([201, 204])
    expect((await server.request('GET', '/api/plans/a')).status).toBe(410)
    await until(() => server.open('execution').length === 0)
    expect(server.open('process')).toEqual([])
  })

  it('goes through declared states only', async () => {
    const seen: string[] = []
    const listen = (message: unknown) => {
      const { id, from, to } = message as { id: string; from: string | null; to: string }
      seen.push(`${id.split('#')[0]}: ${from} → ${to}`)
    }
    transitions.subscribe(listen)
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 1 })
    await readSse(server.url, 'a').done
    await server.request('DELETE', '/api/plans/a')
    await server.create({ id: 'b', command: ['/no/such/program'] })
    await readSse(server.url, 'b').done
    transitions.unsubscribe(listen)
    expect(seen).toEqual([
      'a: null → accepted',
      'a: accepted → running',
      'a: running → completed',
      'b: null → accepted',
      'b: accepted → failed',
    ])
  })

  it('is told as failed after the server was killed while it ran', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pipeline-test-'))
    onTestFinished(() => rm(dataDir, { recursive: true }))
    const killed = await startMain('--data-dir', dataDir)
    const body = JSON.stringify({ id: 'a', command: ['bash', '-c', 'echo $$; echo two; exec sleep 600'] })
    await fetch(`${killed.url}/api/plans`, { method: 'POST', body })
    const reader = readSse(killed.url, 'a')
    await until(() => reader.reading.events.length === 2)
    killed.child.kill('SIGKILL')
    await reader.done
    process.kill(Number(reader.reading.events[0]?.data.line), 'SIGKILL')

    const server = await UnderTest.start({ dataDir })
    expect((await server.request('GET', '/api/plans/a')).json.state).toBe('failed')
    const { events } = await readSse(server.url, 'a', { lastEventId: 2 }).done
    expect(events).toMatchObject([
      { id: 3, type: 'failed', data: { reason: 'the server was killed while the plan ran' } },
    ])
  })

  it('is ended by a stop even when its end cannot be stored', async () => {
    const forgetful = class extends PlanStore {
      override async append(entries: Parameters<PlanStore['append']>[0]): Promise<void> {
        if (entries.some(({ ending }) => ending)) throw new Error('disk full')
        await super.append(entries)
      }
    }
    const server = await UnderTest.start({ parts: { PlanStore: forgetful }, errorsExpected: true })
    await server.create({ id: 'a', command: ['bash', '-c', 'echo $$; exec sleep 600'] })
    const reader = readSse(server.url, 'a')
    await until(() => reader.reading.events.length === 1)
    await server.stop()
    expect((await reader.done).reason).toBe('server-error')
    expect(isAlive(Number(reader.reading.events[0]?.data.line))).toBe(false)
    expect(server.errors).toEqual(['disk full'])
  })

  it('fails, with one report, when some of its events could not be stored; its readers are told of the gap', async () => {
    let appends = 0
    const hiccup = class extends PlanStore {
      override async append(entries: Parameters<PlanStore['append']>[0]): Promise<void> {
        if (++appends === 2) throw new Error('disk full')
        await super.append(entries)
      }
    }
    const server = await UnderTest.start({ parts: { PlanStore: hiccup }, errorsExpected: true })
    await server.create({ id: 'a', command: ['bash', '-c', 'for i in 1 2 3 4; do echo $i; sleep 0.2; done'] })
    const { events, gaps } = await readSse(server.url, 'a').done
    expect(events).toMatchObject([
      { id: 1, type: 'log' },
      { id: 3, type: 'failed', data: { reason: 'the server met an internal error' } },
    ])
    expect(gaps).toEqual([{ from: 2, to: 2 }])
    expect(server.errors).toEqual(['disk full'])
  })

  it('ends, with one report, when its events cannot be stored; nothing is left of it', async () => {
    const full = class extends PlanStore {
      override async append(): Promise<void> {
        throw new Error('disk full')
      }
    }
    const server = await UnderTest.start({ parts: { PlanStore: full }, errorsExpected: true })
    await server.create({ id: 'a', lines: 2000 })
    expect(await readSse(server.url, 'a').done).toMatchObject({ events: [], reason: 'server-error' })
    await until(() => server.open('execution').length === 0)
    expect(server.open('stream')).toEqual([])
    expect(new Set(server.errors)).toEqual(new Set(['disk full']))
  })
})
