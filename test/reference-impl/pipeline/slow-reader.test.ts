import { describe, expect, it } from 'vitest'
import { idsFrom, idsOf, type Reader, readSse, readWebSocket } from './readers.ts'
import { UnderTest, until } from './under-test.ts'

// More than the kernel keeps for two sockets, so that a reader who takes nothing is felt by the server.
const lines = 12_000
const large = { lines, lineBytes: 1_000 }
const config = {
  replayEvents: 100,
  subscriberQueueEvents: 50,
  subscriberQueueBytes: 64 * 1024,
  slowReaderMs: 300,
  closeTimeoutMs: 20_000,
  progressEveryLines: 1_000_000,
}
const disconnects = (transport: string, reason: string) =>
  `pipeline_disconnects_total{transport="${transport}",reason="${reason}"}`

describe('a slow reader', () => {
  it.each([
    ['sse', (url: string): Reader => readSse(url, 'a')],
    ['ws', (url: string): Reader => readWebSocket(url, 'a')],
  ])('is disconnected over %s with a reason, while the others get everything', async (transport, read) => {
    const server = await UnderTest.start({ config })
    await server.create({ id: 'a', ...large })
    const slow = read(server.url)
    await until(() => slow.reading.events.length > 0)
    slow.pause()
    const fast = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    for (const { done } of fast) expect(idsOf(await done)).toEqual(idsFrom(0, lines + 1))
    await until(async () => (await server.metric(disconnects(transport, 'slow-reader'))) === 1)
    slow.resume()
    const { events, reason, code } = await slow.done
    expect([reason, code]).toEqual(['slow-reader', transport === 'ws' ? 4008 : null])
    expect(events.length).toBeLessThan(lines)
    expect(idsOf(slow.reading)).toEqual(idsFrom(0, events.length))
  })

  it('may come back for the rest', async () => {
    const server = await UnderTest.start({ config })
    await server.create({ id: 'a', ...large })
    const slow = readSse(server.url, 'a')
    await until(() => slow.reading.events.length > 0)
    slow.pause()
    await until(async () => (await server.metric(disconnects('sse', 'slow-reader'))) === 1)
    slow.resume()
    const seen = (await slow.done).events.length
    expect(idsOf(await readSse(server.url, 'a', { lastEventId: seen }).done)).toEqual(idsFrom(seen, lines + 1))
  })

  it('that only pauses now and then loses nothing', async () => {
    const server = await UnderTest.start({ config: { ...config, slowReaderMs: 20_000 } })
    await server.create({ id: 'a', ...large })
    const readers = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    for (const reader of readers) {
      let threshold = 2_000
      void until(() => {
        if (reader.reading.events.length < threshold) return false
        threshold += 2_000
        reader.pause()
        setTimeout(reader.resume, 100)
        return threshold > lines
      })
    }
    for (const { done } of readers) expect(idsOf(await done)).toEqual(idsFrom(0, lines + 1))
  })

  it('that never comes back is cut off after the time that a goodbye may take', async () => {
    const server = await UnderTest.start({ config: { ...config, closeTimeoutMs: 100 } })
    await server.create({ id: 'a', ...large })
    const slow = [readSse(server.url, 'a'), readWebSocket(server.url, 'a')]
    await until(() => slow.every(({ reading }) => reading.events.length > 0))
    for (const { pause } of slow) pause()
    await until(() => server.open('subscriber').length === 0)
    for (const { resume, done } of slow) {
      resume()
      await done
    }
  })
})
