import { describe, expect, it } from 'vitest'
import { readSse, readWebSocket } from './readers.ts'
import { UnderTest, until } from './under-test.ts'

describe('the heartbeat', () => {
  it('is felt by idle readers, who stay', async () => {
    const server = await UnderTest.start({ config: { heartbeatMs: 20 } })
    await server.create({ id: 'a', command: ['sleep', '600'] })
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    await until(() => readers.every(({ reading }) => reading.beats >= 5))
    expect(server.open('subscriber')).toHaveLength(2)
    await server.request('DELETE', '/api/plans/a')
    for (const { done } of readers) expect((await done).events.at(-1)?.type).toBe('deleted')
  })

  it('finds a WebSocket peer that no longer answers', async () => {
    const server = await UnderTest.start({ config: { heartbeatMs: 20 } })
    await server.create({ id: 'a', command: ['sleep', '600'] })
    const [dead, alive] = [readWebSocket(server.url, 'a', { autoPong: false }), readWebSocket(server.url, 'a')]
    expect(await dead.done).toMatchObject({ code: 1006 })
    expect(await server.metric('pipeline_disconnects_total{transport="ws",reason="dead-peer"}')).toBe(1)
    await until(() => alive.reading.beats >= 3)
    expect(server.open('subscriber')).toHaveLength(1)
  })

  it('finds an SSE peer that takes nothing any more', async () => {
    const config = { heartbeatMs: 50, slowReaderMs: 60_000, progressEveryLines: 1_000_000 }
    const server = await UnderTest.start({ config })
    await server.create({ id: 'a', lines: 12_000, lineBytes: 1_000 })
    const dead = readSse(server.url, 'a')
    await until(() => dead.reading.events.length > 0)
    dead.pause()
    await until(
      async () => (await server.metric('pipeline_disconnects_total{transport="sse",reason="dead-peer"}')) === 1,
    )
    await until(() => server.open('subscriber').length === 0)
    dead.resume()
    await dead.done
  })
})
