import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { Metrics } from '../../../reference-impl/pipeline/metrics.ts'
import { PlanStore } from '../../../reference-impl/pipeline/plan-store.ts'
import { readSse, readWebSocket, typesOf } from './readers.ts'
import { contract, UnderTest, until } from './under-test.ts'

const neverEnding = { command: ['sleep', '600'] }

describe('the pipeline API', () => {
  it('accepts a plan, and shows it until it is deleted', async () => {
    const server = await UnderTest.start()
    const created = await server.request('POST', '/api/plans', { id: 'a', lines: 3 })
    expect(created.status).toBe(201)
    expect(created.headers.get('location')).toBe('/api/plans/a')
    expect(created.json).toMatchObject({ id: 'a', state: 'accepted', lastEventId: 0 })

    await readSse(server.url, 'a').done
    const shown = await server.request('GET', '/api/plans/a')
    expect(shown.json).toMatchObject({ state: 'completed', linesRead: 3, lastEventId: 4, exitCode: 0, reason: null })
    expect((await server.request('GET', '/api/plans')).json.plans).toEqual([shown.json])

    expect((await server.request('DELETE', '/api/plans/a')).status).toBe(204)
    for (const path of ['', '/events', '/stream', '/stream-status']) {
      expect((await server.request('GET', `/api/plans/a${path}`)).status).toBe(410)
    }
    expect((await readWebSocket(server.url, 'a').done).status).toBe(410)
    expect((await server.request('DELETE', '/api/plans/a')).status).toBe(410)
    expect((await server.request('GET', '/api/plans')).json.plans).toEqual([])
  })

  it('chooses an id for a plan that has none', async () => {
    const server = await UnderTest.start()
    const ids = [await server.create({ lines: 0 }), await server.create({ lines: 0 })]
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(typesOf(await readSse(server.url, id).done)).toEqual(['completed'])
  })

  it('answers 404 for plans that were never accepted', async () => {
    const server = await UnderTest.start()
    for (const path of ['', '/events', '/stream', '/stream-status']) {
      expect((await server.request('GET', `/api/plans/never${path}`)).status).toBe(404)
    }
    expect((await server.request('DELETE', '/api/plans/never')).status).toBe(404)
    expect((await readWebSocket(server.url, 'never').done).status).toBe(404)
  })

  it('refuses a second plan of an id until the first is deleted, even when it has ended', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 1 })
    await readSse(server.url, 'a').done
    expect((await server.request('POST', '/api/plans', { id: 'a' })).status).toBe(409)
    await server.request('DELETE', '/api/plans/a')
    await server.create({ id: 'a', lines: 2 })
    expect((await readSse(server.url, 'a').done).events).toHaveLength(3)
  })

  it.each([
    ['[]', 'the body must be a JSON object'],
    ['{', 'no valid JSON'],
    ['{"id":""}', "'id' must be"],
    ['{"id":"a/b"}', "'id' must be"],
    ['{"id":7}', "'id' must be"],
    ['{"lines":-1}', "'lines' must be a whole number from 0 to 1000000, got -1"],
    ['{"lines":1.5}', "'lines' must be a whole number"],
    ['{"rate":"fast"}', `'rate' must be a number from 0 to 1000000, got "fast"`],
    ['{"exitCode":256}', "'exitCode' must be"],
    ['{"lineBytes":70000}', "'lineBytes' must be"],
    ['{"handOver":3}', "'handOver' must be a JSON object"],
    ['{"handOver":{"delayMs":-1}}', "'handOver.delayMs' must be"],
    ['{"lines":3,"handOver":{"lines":4}}', "'handOver.lines' must be at most 'lines' (3), got 4"],
    ['{"command":[]}', "'command' must be a list of at least one string"],
    ['{"command":"ls"}', "'command' must be a list"],
    ['{"command":["ls"],"lines":1}', "'command' excludes 'lines'"],
    ['{"line":1}', "unknown field 'line'"],
  ])('refuses the body %s and says why', async (body, message) => {
    const server = await UnderTest.start()
    const { status, json } = await server.request('POST', '/api/plans', body)
    expect([status, json.error]).toEqual([400, expect.stringContaining(message)])
  })

  it('refuses a body that is too long', async () => {
    const server = await UnderTest.start({ config: { maxBodyBytes: 100 } })
    expect((await server.request('POST', '/api/plans', { id: 'x'.repeat(200) })).status).toBe(413)
    expect((await server.request('GET', '/healthz')).status).toBe(200)
  })

  it.each(['-1', '1.5', 'x', '99'])('refuses to start after event %s', async (after) => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 1 })
    await readSse(server.url, 'a').done
    for (const path of ['events', 'stream']) {
      const { status, json } = await server.request('GET', `/api/plans/a/${path}?after=${after}`)
      expect([status, json.error]).toEqual([400, expect.stringMatching(/'after' must be|the last event so far is 2/)])
    }
    const header = await server.request('GET', '/api/plans/a/stream', undefined, { 'last-event-id': after })
    expect(header.status).toBe(400)
    expect((await readWebSocket(server.url, 'a', { after: after as unknown as number }).done).status).toBe(400)
  })

  it('refuses malformed limits', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 0 })
    expect((await server.request('GET', '/api/plans?limit=0')).status).toBe(400)
    expect((await server.request('GET', '/api/plans/a/events?limit=1001')).status).toBe(400)
  })

  it('answers 429 with Retry-After while as many plans run as it allows', async () => {
    const server = await UnderTest.start({ config: { maxRunningPlans: 1, retryAfterS: 7 } })
    await server.create({ id: 'a', ...neverEnding })
    const refused = await server.request('POST', '/api/plans', { id: 'b' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
    expect((await server.request('GET', '/api/plans/b')).status).toBe(404)
    await server.request('DELETE', '/api/plans/a')
    await until(async () => (await server.request('GET', '/healthz')).json.runningPlans === 0)
    await server.create({ id: 'b', lines: 0 })
  })

  it('answers 503 with Retry-After while as many streams are open as it allows', async () => {
    const server = await UnderTest.start({ config: { maxConnections: 1, retryAfterS: 7 } })
    await server.create({ id: 'a', ...neverEnding })
    const first = readSse(server.url, 'a')
    await until(() => first.reading.status === 200)
    const refused = await server.request('GET', '/api/plans/a/stream')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7'])
    const webSocket = await readWebSocket(server.url, 'a').done
    expect([webSocket.status, webSocket.headers['retry-after']]).toEqual([503, '7'])
    first.drop()
    await until(async () => (await server.request('GET', '/healthz')).json.connections === 0)
    const second = readWebSocket(server.url, 'a')
    await until(() => second.reading.status === 101)
    second.drop()
  })

  it('gives a permit back when a subscriber is refused', async () => {
    const server = await UnderTest.start({ config: { maxConnections: 1 } })
    for (let time = 0; time < 3; time++) {
      expect((await readSse(server.url, 'never').done).status).toBe(404)
      expect((await readWebSocket(server.url, 'never').done).status).toBe(404)
    }
    expect((await server.request('GET', '/healthz')).json.connections).toBe(0)
  })

  it('answers 204 to an EventSource that comes back after the end', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 1 })
    await readSse(server.url, 'a').done
    expect((await readSse(server.url, 'a', { lastEventId: 2 }).done).status).toBe(204)
    expect(await readWebSocket(server.url, 'a', { after: 2 }).done).toMatchObject({ code: 1000, reason: 'complete' })
  })

  it('pages through events over REST, and says when that is all', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 5 })
    await readSse(server.url, 'a').done
    const first = (await server.request('GET', '/api/plans/a/events?limit=4')).json
    expect(first).toMatchObject({ gap: null, ended: false, lastEventId: 6, state: 'completed' })
    expect(first.events.map(({ id }: { id: number }) => id)).toEqual([1, 2, 3, 4])
    const rest = (await server.request('GET', '/api/plans/a/events?after=4')).json
    expect(rest.events.map(({ type }: { type: string }) => type)).toEqual(['log', 'completed'])
    expect(rest.ended).toBe(true)
    expect((await server.request('GET', '/api/plans/a/events?after=6')).json).toMatchObject({ events: [], ended: true })
  })

  it('shows who reads a stream, and what they acknowledged', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', command: ['sh', '-c', 'echo one; echo two; sleep 600'] })
    const reader = readWebSocket(server.url, 'a')
    await until(() => reader.reading.events.length === 2)
    reader.send({ type: 'ack', id: 2 })
    await until(async () => (await server.request('GET', '/api/plans/a/stream-status')).json.acked === 2)
    const { json } = await server.request('GET', '/api/plans/a/stream-status')
    const inMemory = { unstoredEvents: 0, bufferedEvents: 2, longestQueue: 0 }
    expect(json).toEqual({
      id: 'a',
      state: 'running',
      ready: true,
      subscribers: 1,
      lastEventId: 2,
      acked: 2,
      ...inMemory,
    })
  })

  it('says how much of a stream is in memory, which is never more than its bound', async () => {
    const server = await UnderTest.start({ config: { replayEvents: 5 } })
    await server.create({ id: 'a', lines: 20 })
    const reader = readSse(server.url, 'a')
    await reader.done
    const { json } = await server.request('GET', '/api/plans/a/stream-status')
    expect(json).toMatchObject({ lastEventId: 23, bufferedEvents: 5, longestQueue: 0 })
  })

  it('streams in no way that is not offered, and answers requests all the same', async () => {
    const server = await UnderTest.start({ config: { transports: [] } })
    await server.create({ id: 'a', lines: 1 })
    expect((await server.request('GET', '/api/plans/a/stream')).status).toBe(501)
    expect((await readWebSocket(server.url, 'a').done).status).toBe(501)
    await until(async () => (await server.request('GET', '/api/plans/a/events')).json.ended)
    const { json } = await server.request('GET', '/api/plans/a/events')
    expect(json.events.map(({ type }: { type: string }) => type)).toEqual(['log', 'completed'])
  })

  it('counts plans, streams, disconnects and requests', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 0 })
    await server.create({ id: 'b', lines: 0, exitCode: 3 })
    await server.create({ id: 'c', ...neverEnding })
    await Promise.all([readSse(server.url, 'a').done, readWebSocket(server.url, 'b').done])
    expect(await server.metric('pipeline_plans_ended_total{outcome="completed"}')).toBe(1)
    expect(await server.metric('pipeline_plans_ended_total{outcome="failed"}')).toBe(1)
    expect(await server.metric('pipeline_disconnects_total{transport="ws",reason="complete"}')).toBe(1)
    expect(await server.metric('pipeline_plans_running')).toBe(1)
    expect(await server.metric('pipeline_streams')).toBe(1)
    const answered = 'pipeline_request_seconds_count{method="POST",route="/api/plans",status="201"}'
    expect(await server.metric(answered)).toBe(3)
  })

  it('says which methods a path answers, and that there is nothing elsewhere', async () => {
    const server = await UnderTest.start()
    const wrong = await fetch(`${server.url}/api/plans/a`, { method: 'PUT' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, DELETE'])
    expect((await fetch(`${server.url}/api/plan`)).status).toBe(404)
    expect((await server.request('GET', '/api/plans/a/ws')).status).toBe(426)
    const elsewhere = new WebSocket(`${server.url.replace('http', 'ws')}/elsewhere`)
    const [error] = await once(elsewhere, 'error')
    expect(error.message).toContain('404')
  })

  it('names the life of the id that a reply is about', async () => {
    const server = await UnderTest.start()
    const lives = []
    for (let life = 0; life < 2; life++) {
      const { json, headers } = await server.request('POST', '/api/plans', { id: 'a', lines: 0 })
      const readings = [await readSse(server.url, 'a').done, await readWebSocket(server.url, 'a').done]
      for (const reading of readings) expect(reading.headers['x-plan-stream']).toBe(json.stream)
      expect(headers.get('x-plan-stream')).toBe(json.stream)
      lives.push(json.stream)
      await server.request('DELETE', '/api/plans/a')
    }
    expect(lives[0]).not.toBe(lives[1])
  })

  it("gives a request's marker back with every kind of reply, if it is one short word", async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', lines: 0 })
    const headers = { 'x-request-marker': 'c7/42' }
    for (const path of ['/api/plans/a', '/api/plans/a/stream', '/api/plans/never', '/healthz']) {
      expect((await server.request('GET', path, undefined, headers)).headers.get('x-request-marker')).toBe('c7/42')
    }
    for (const id of ['a', 'never']) {
      expect((await readWebSocket(server.url, id, { headers }).done).headers['x-request-marker']).toBe('c7/42')
    }
    for (const marker of ['two words', 'x'.repeat(129)]) {
      const answer = await server.request('GET', '/healthz', undefined, { 'x-request-marker': marker })
      expect(answer.headers.has('x-request-marker')).toBe(false)
    }
  })

  it('tells a client nothing of an internal error, and the log everything', async () => {
    const broken = class extends PlanStore {
      override async newest(): Promise<never> {
        throw new Error('the answer could not be read', { cause: new Error('disk on fire') })
      }
    }
    const server = await UnderTest.start({ parts: { PlanStore: broken }, errorsExpected: true })
    const response = await fetch(`${server.url}/api/plans`)
    expect([response.status, await response.json()]).toEqual([500, { error: 'the server met an internal error' }])
    expect(server.errors).toEqual(['the answer could not be read, because: disk on fire'])
  })

  it('keeps figures in a registry of its own, so that two servers can share a process', () => {
    expect(() => [new Metrics(), new Metrics()]).not.toThrow()
  })

  it('answers 503 to newcomers while it stops, and stops only when its readers were told', async () => {
    const server = await UnderTest.start({ config: { stopGraceMs: 300 } })
    await server.create({ id: 'a', ...neverEnding })
    const reader = readSse(server.url, 'a')
    await until(() => reader.reading.status === 200)
    const stopped = server.stop()
    const refused = await server.request('POST', '/api/plans', { id: 'b' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect((await server.request('GET', '/api/plans/a/stream')).status).toBe(503)
    expect((await server.request('GET', '/healthz')).json.status).toBe('stopping')
    expect((await reader.done).events.at(-1)).toMatchObject({
      type: 'failed',
      data: { reason: 'the server was stopped' },
    })
    await stopped
  })

  it('has been seen to give every answer that openapi.yaml describes', () => {
    expect(contract.unseen()).toEqual([])
  })
})
