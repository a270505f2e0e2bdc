import { createHook } from 'node:async_hooks'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { packageRoot } from '../../../harness/entry.ts'
import { readSse, readWebSocket } from './readers.ts'
import { UnderTest, until } from './under-test.ts'

describe('the heartbeat', () => {
  it('is felt by idle readers, who stay', async () => {
    const server = await UnderTest.start({ config: { heartbeatMs: 100 } })
    await server.create({ id: 'a', command: ['sleep', '600'] })
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    await until(() => readers.every(({ reading }) => reading.beats >= 5))
    expect(server.open('subscriber')).toHaveLength(2)
    await server.request('DELETE', '/api/plans/a')
    for (const { done } of readers) expect((await done).events.at(-1)?.type).toBe('deleted')
  })

  it('is all that ever wakes the server while nothing happens, and beats only for somebody', async () => {
    const server = await UnderTest.start()
    await server.create({ id: 'a', command: ['sleep', '600'] })
    await until(() => server.open('process').length === 1)
    const timers = timersOfTheServer()
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a'), readSse(server.url, 'a')]
    await until(() => readers.every(({ reading }) => reading.status > 0))
    expect(timers.size).toBe(1)
    for (const { drop } of readers) drop()
    await until(() => server.open('subscriber').length === 0)
    await new Promise(setImmediate) // Node tells of a cleared timer one turn later.
    expect(timers.size).toBe(0)
  })

  it('finds a WebSocket peer that no longer answers', async () => {
    const server = await UnderTest.start({ config: { heartbeatMs: 100 } })
    await server.create({ id: 'a', command: ['sleep', '600'] })
    const [dead, alive] = [readWebSocket(server.url, 'a', { autoPong: false }), readWebSocket(server.url, 'a')]
    expect(await dead.done).toMatchObject({ code: 1006 })
    expect(await server.metric('pipeline_disconnects_total{transport="ws",reason="dead-peer"}')).toBe(1)
    await until(() => alive.reading.beats >= 3)
    expect(server.open('subscriber')).toHaveLength(1)
  })

  it('blames nobody when the server itself was held up', async () => {
    const server = await UnderTest.start({ config: { heartbeatMs: 100 } })
    await server.create({ id: 'a', command: ['sleep', '600'] })
    const reader = readWebSocket(server.url, 'a')
    await until(() => reader.reading.beats >= 1)
    for (let time = 0; time < 3; time++) {
      const heldUpUntilMs = performance.now() + 250
      while (performance.now() < heldUpUntilMs);
      const { beats } = reader.reading
      await until(() => reader.reading.beats > beats)
    }
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

/** The timers that the pipeline's own code has set from now on and that may still fire; not those of the test and of its clients. */
function timersOfTheServer(): ReadonlySet<number> {
  const timers = new Set<number>()
  const sources = join(packageRoot, 'reference-impl', 'pipeline')
  const hook = createHook({
    init(id, type) {
      if (type === 'Timeout' && new Error().stack?.includes(sources) === true) timers.add(id)
    },
    destroy: (id) => timers.delete(id),
  }).enable()
  onTestFinished(() => void hook.disable())
  return timers
}
