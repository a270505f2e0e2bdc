import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { idsFrom, idsOf, linesOf, numbered, type Reader, readSse, readWebSocket, typesOf } from './readers.ts'
import { UnderTest, until } from './under-test.ts'

/** A plan that prints 40 lines: 20, and 20 more when the file `go` appears. Its 45 events come with 4 of progress. */
async function twoHalves(): Promise<{ command: string[]; goOn: () => Promise<unknown> }> {
  const folder = await mkdtemp(join(tmpdir(), 'pipeline-test-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const go = join(folder, 'go')
  const script = `mkfifo ${go}; for i in $(seq 20); do echo line $i; done; read x < ${go}; for i in $(seq 21 40); do echo line $i; done`
  return { command: ['bash', '-c', script], goOn: () => writeFile(go, 'on\n') }
}

const all = 45
const readers = (url: string, id: string, after?: number): Reader[] => [
  readSse(url, id, { after }),
  readWebSocket(url, id, { after }),
]

describe('delivery', () => {
  it('gives every subscriber every event once and in order, early and late ones, over SSE and WebSocket', async () => {
    const server = await UnderTest.start()
    const { command, goOn } = await twoHalves()
    await server.create({ id: 'a', command })
    const early = Array.from({ length: 10 }, () => readers(server.url, 'a')).flat()
    await until(() => early.every(({ reading }) => reading.events.length >= 10))
    const late = Array.from({ length: 10 }, () => readers(server.url, 'a')).flat()
    await until(() => late.every(({ reading }) => reading.events.length >= 22))
    await goOn()
    const readings = await Promise.all([...early, ...late].map(({ done }) => done))
    for (const reading of [...readings, ...(await Promise.all(readers(server.url, 'a').map(({ done }) => done)))]) {
      expect(idsOf(reading)).toEqual(idsFrom(0, all))
      expect(linesOf(reading)).toEqual(Array.from({ length: 40 }, (_, index) => `line ${index + 1}`))
      expect(typesOf(reading).filter((type) => type === 'completed')).toHaveLength(1)
      expect(typesOf(reading).at(-1)).toBe('completed')
    }
  })

  it('resumes after the event that a reader has seen last', async () => {
    const server = await UnderTest.start()
    const { command, goOn } = await twoHalves()
    await server.create({ id: 'a', command })
    const dropped = readSse(server.url, 'a')
    await until(() => dropped.reading.events.length === 22)
    dropped.drop()
    await goOn()
    const resumed = [readSse(server.url, 'a', { lastEventId: 22 }), ...readers(server.url, 'a', 22)]
    for (const { done } of resumed) expect(idsOf(await done)).toEqual(idsFrom(22, all))
  })

  it('lets Last-Event-ID go before the address that an EventSource was made with', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 5 })
    await readSse(server.url, 'a').done
    expect(idsOf(await readSse(server.url, 'a', { after: 1, lastEventId: 4 }).done)).toEqual([5, 6])
  })

  it('lets a WebSocket client start over from wherever it likes', async () => {
    const server = await UnderTest.start()
    const { command, goOn } = await twoHalves()
    await server.create({ id: 'a', command })
    const reader = readWebSocket(server.url, 'a')
    await until(() => reader.reading.events.length === 22)
    reader.send({ type: 'resume', after: 20 })
    await until(() => reader.reading.events.length === 24)
    await goOn()
    expect(idsOf(await reader.done)).toEqual([...idsFrom(0, 22), ...idsFrom(20, all)])
  })

  it('lets a WebSocket client stop, and refuses what it does not understand', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', command: ['sleep', '600'] })
    const frames: [unknown, number, string, string][] = [
      [{ type: 'stop' }, 1000, 'stopped', ''],
      ['hello', 1008, 'malformed', "a frame must be a JSON object, got 'hello'"],
      [{ type: 'pause' }, 1008, 'malformed', "the type of a frame must be resume, ack or stop, got 'pause'"],
      [{ type: 'resume', after: 1 }, 1008, 'malformed', "'after' must be a whole number from 0 to 0, got '1'"],
      [{ type: 'ack' }, 1008, 'malformed', "'id' must be a whole number from 0 to 0, got ''"],
    ]
    for (const [frame, code, reason, message] of frames) {
      const reader = readWebSocket(server.url, 'a')
      await until(() => reader.reading.status === 101)
      reader.send(frame)
      expect(await reader.done).toMatchObject({ code, reason, refusal: message })
    }
  })

  it('lets a subscriber in as soon as the plan is accepted', async () => {
    const server = await UnderTest.start()
    for (let time = 0; time < 20; time++) {
      const id = await server.create({ command: ['true'] })
      const readings = await Promise.all(readers(server.url, id).map(({ done }) => done))
      for (const reading of readings) expect(typesOf(reading)).toEqual(['completed'])
    }
  })

  it('reads back from the database what is no longer in memory', async () => {
    const server = await UnderTest.start({ config: { replayEvents: 3 } })
    const { command, goOn } = await twoHalves()
    await server.create({ id: 'a', command })
    const first = readers(server.url, 'a')
    await until(() => first.every(({ reading }) => reading.events.length === 22))
    const second = readers(server.url, 'a', 5)
    await goOn()
    for (const { done } of first) expect(idsOf(await done)).toEqual(idsFrom(0, all))
    for (const { done } of second) expect(idsOf(await done)).toEqual(idsFrom(5, all))
    const { json } = await server.request('GET', '/api/plans/a/events')
    expect(json.events.map(({ id }: { id: number }) => id)).toEqual(idsFrom(0, all))
  })

  it('reads back a large history page by page while more comes in', async () => {
    const server = await UnderTest.start({ config: { replayEvents: 10, progressEveryLines: 1_000_000 } })
    await server.create({ id: 'a', lines: 5_000 })
    const starts = [0, 0, 0, 0]
    const readings = await Promise.all(starts.map(() => Promise.all(readers(server.url, 'a').map(({ done }) => done))))
    for (const reading of readings.flat()) {
      expect(idsOf(reading)).toEqual(idsFrom(0, 5_001))
      expect(linesOf(reading)).toEqual(numbered(5_000))
    }
  })

  it('announces what is no longer in the database either', async () => {
    const server = await UnderTest.start({ config: { replayEvents: 3, retainEvents: 10 } })
    await server.create({ id: 'a', lines: 20, rate: 400 })
    await readSse(server.url, 'a').done
    for (const { done } of readers(server.url, 'a', 2)) {
      const reading = await done
      expect(reading.gaps).toEqual([{ from: 3, to: 13 }])
      expect(idsOf(reading)).toEqual(idsFrom(13, 23))
    }
    const { json } = await server.request('GET', '/api/plans/a/events?after=2')
    expect([json.gap, json.events[0].id]).toEqual([{ from: 3, to: 13 }, 14])
  })

  it('keeps the events of ended plans over a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pipeline-test-'))
    onTestFinished(() => rm(dataDir, { recursive: true }))
    const before = await UnderTest.start({ dataDir })
    await before.create({ id: 'a', lines: 20 })
    await readSse(before.url, 'a').done
    await before.stop()
    const after = await UnderTest.start({ dataDir })
    expect((await after.request('GET', '/api/plans/a')).json).toMatchObject({ state: 'completed', linesRead: 20 })
    for (const { done } of readers(after.url, 'a')) expect(idsOf(await done)).toEqual(idsFrom(0, 23))
    expect((await after.request('POST', '/api/plans', { id: 'a' })).status).toBe(409)
  })

  it('gives all late subscribers one stream, and frees it when the last has left', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 20 })
    await readSse(server.url, 'a').done
    await until(() => server.open('stream').length === 0)
    const late = Array.from({ length: 10 }, () => readers(server.url, 'a')).flat()
    await Promise.all(late.map(({ done }) => done))
    await until(() => server.open('stream').length === 0)
  })

  it('frees the stream of a plan that nobody ever watched', async () => {
    const server = await UnderTest.start({ config: { streamTtlMs: 50 } })
    await server.create({ id: 'a', lines: 1 })
    await until(async () => (await server.request('GET', '/api/plans/a')).json.state === 'completed')
    await until(() => server.open('stream').length === 0)
    expect(idsOf(await readSse(server.url, 'a').done)).toEqual([1, 2])
  })

  it('goes on for the others when some readers leave', async () => {
    const server = await UnderTest.start()
    const { command, goOn } = await twoHalves()
    await server.create({ id: 'a', command })
    const all20 = Array.from({ length: 10 }, () => readers(server.url, 'a')).flat()
    await until(() => all20.every(({ reading }) => reading.events.length >= 5))
    const [leaving, staying] = [all20.slice(0, 10), all20.slice(10)]
    for (const { drop } of leaving) drop()
    await until(() => server.open('subscriber').length === staying.length)
    await goOn()
    for (const { done } of staying) expect(idsOf(await done)).toEqual(idsFrom(0, all))
  })
})
