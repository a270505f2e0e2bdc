import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cut } from '../../../../harness/fault/cut.ts'
import { halfOpen } from '../../../../harness/fault/half-open.ts'
import { latency } from '../../../../harness/fault/latency.ts'
import { merge } from '../../../../harness/fault/merge.ts'
import { partition } from '../../../../harness/fault/partition.ts'
import { reset } from '../../../../harness/fault/reset.ts'
import { slowReader } from '../../../../harness/fault/slow-reader.ts'
import { split } from '../../../../harness/fault/split.ts'
import { stall } from '../../../../harness/fault/stall.ts'
import { FaultProxy } from '../../../../harness/live/proxy/fault-proxy.ts'
import type { Link } from '../../../../harness/live/proxy/link.ts'
import { Random } from '../../../../harness/random.ts'

let server: Server
let proxy: FaultProxy
/** The server's sides of the connections, in the order in which they came. */
let accepted: Socket[]
const clients: Socket[] = []
const mebibyte = 1024 * 1024

beforeEach(async () => {
  accepted = []
  server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket)
    socket.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  proxy = await FaultProxy.start(() => ({ host: '127.0.0.1', port }), new Random(1))
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await proxy.close()
  for (const socket of accepted) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

/** A connection through the proxy: the client's socket, the server's, and the link between them. */
async function connection(name = 'c0'): Promise<{ client: Socket; target: Socket; link: Link }> {
  const came = once(server, 'connection') as Promise<[Socket]>
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => {})
  clients.push(client)
  await once(client, 'connect')
  proxy.claim(client.localPort as number, name)
  const link = new Promise<Link>((resolve) => proxy.whenLinked(client.localPort as number, resolve))
  const [target] = await came
  return { client, target, link: await link }
}

/** Whatever was sent before has had its chance to pass when a message on a link of its own has passed. */
async function somethingElsePasses(): Promise<void> {
  const { client, target } = await connection('other')
  client.write('ping')
  await once(target, 'data')
}

/** What comes until the FIN. (The consumers of node:stream would destroy the socket, which may still have to answer.) */
function untilEnd(socket: Socket): Promise<string> {
  let received = ''
  socket.on('data', (bytes) => {
    received += bytes
  })
  return once(socket, 'end').then(() => received)
}

/** Sends 64 MiB and tells how many of them were taken when no more are. Kernel buffers take a few. */
async function flushedUntilItStandsStill(sender: Socket): Promise<number> {
  let flushed = 0
  for (let count = 0; count < 64; count++) sender.write(Buffer.alloc(mebibyte), () => flushed++)
  const progress: number[] = []
  const standsStill = () => progress.push(flushed) > 3 && progress.at(-1) === progress.at(-4)
  await expect.poll(standsStill, { interval: 100, timeout: 10_000 }).toBe(true)
  return flushed
}

const errorOf = (socket: Socket) => once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code)

describe('the fault proxy', () => {
  it('passes everything both ways, and a FIN on its own', async () => {
    const { client, target } = await connection()
    const sent = untilEnd(target)
    client.end('from the client')
    expect(await sent).toBe('from the client')
    const answered = untilEnd(client)
    target.end('from the target')
    expect(await answered).toBe('from the target')
  })

  it('lets the sender feel that the receiver does not read', async () => {
    const { client, target } = await connection()
    target.pause()
    expect(await flushedUntilItStandsStill(client)).toBeLessThan(40)
    let received = 0
    target.on('data', (bytes) => {
      received += bytes.length
    })
    target.resume()
    await expect.poll(() => received, { timeout: 20_000 }).toBe(64 * mebibyte)
  })

  it('passes the reset of one side on to the other', async () => {
    const { client, target } = await connection()
    const seen = errorOf(client)
    target.resetAndDestroy()
    expect(await seen).toBe('ECONNRESET')
  })

  it('resets a client whose target cannot be reached', async () => {
    await new Promise((resolve) => server.close(resolve))
    const client = connect({ port: proxy.port, host: '127.0.0.1' })
    clients.push(client)
    expect(await errorOf(client)).toBe('ECONNRESET')
  })

  it('tells whose link it is, also when the claim comes before or after the listener', async () => {
    const first = await connection('c3')
    const seen: [Link, string | null][] = []
    const stop = proxy.onLink((link, client) => seen.push([link, client]))
    const second = await connection('c4')
    expect(seen[0]).toEqual([first.link, 'c3'])
    expect(seen).toContainEqual([second.link, 'c4'])
    stop()
    await connection('c5')
    expect(seen.map(([, client]) => client)).not.toContain('c5')
  })

  it('leaves no listener on the sockets when faults come and go', async () => {
    const { link, client, target } = await connection()
    const names = ['data', 'drain', 'end', 'error', 'close']
    const count = (socket: Socket) => names.map((name) => socket.listenerCount(name))
    const before = [count(client), count(target)]
    for (let times = 0; times < 20; times++) {
      const heals = [stall(), latency({ delayMs: 1 }), slowReader({ bytesPerSecond: 1e6 })].map((fault) =>
        fault.onLink?.(link),
      )
      for (const heal of heals) heal?.()
    }
    expect([count(client), count(target)]).toEqual(before)
  })
})

describe('on a link', () => {
  it('a reset ends both sides with a real RST', async () => {
    const { client, target, link } = await connection()
    const both = Promise.all([errorOf(client), errorOf(target)])
    reset().onLink?.(link)
    expect(await both).toEqual(['ECONNRESET', 'ECONNRESET'])
  })

  it('a partition lets nothing through, not even a FIN, and all of it after healing', async () => {
    const { client, target, link } = await connection()
    const heal = partition().onLink?.(link)
    const received = untilEnd(target)
    let heard = 0
    target.on('data', () => heard++)
    client.end('lost for a while')
    await somethingElsePasses()
    expect([heard, target.readableEnded]).toEqual([0, false])
    heal?.()
    expect(await received).toBe('lost for a while')
  })

  it('a split lets a write arrive in several reads', async () => {
    const { client, target, link } = await connection()
    split({ pieces: 3 }).onLink?.(link)
    const reads: string[] = []
    target.on('data', (bytes) => reads.push(String(bytes)))
    client.end('abcdefghij')
    await once(target, 'end')
    expect(reads.length).toBeGreaterThan(1)
    expect(reads.join('')).toBe('abcdefghij')
  })

  it('a merge lets several writes arrive in one read', async () => {
    const { client, target, link } = await connection()
    merge({ withinMs: 200 }).onLink?.(link)
    const reads: string[] = []
    target.on('data', (bytes) => reads.push(String(bytes)))
    for (const text of ['a', 'b', 'c']) await new Promise((resolve) => client.write(text, resolve))
    client.end()
    await once(target, 'end')
    expect(reads).toEqual(['abc'])
  })

  it('a cut ends it after that many bytes', async () => {
    const first = await connection()
    cut({ after: { bytes: 4 }, direction: 'down', ending: 'end' }).onLink?.(first.link)
    const received = untilEnd(first.client)
    const told = untilEnd(first.target)
    first.target.write('abcdef')
    expect(await received).toBe('abcd')
    expect(await told).toBe('')
  })

  it('a cut ends it after that many messages', async () => {
    const { client, target, link } = await connection()
    cut({ after: { messages: 1 }, direction: 'up' }).onLink?.(link)
    const seen = errorOf(client)
    let received = ''
    target.on('data', (bytes) => {
      received += bytes
    })
    // Bytes and RST that come in one go are told as an end by libuv, a later RST as an error.
    const over = Promise.race([once(target, 'end'), errorOf(target)])
    client.write('the last one')
    expect(await seen).toBe('ECONNRESET')
    await over
    expect(received).toBe('the last one')
  })

  it('latency delays everything by at least its delay, and keeps the order', async () => {
    const { client, target, link } = await connection()
    latency({ delayMs: 40, jitterMs: 30, direction: 'up' }).onLink?.(link)
    let received = ''
    const arrivals: number[] = []
    target.on('data', (bytes) => {
      received += bytes
      arrivals.push(performance.now())
    })
    const sentMs = performance.now()
    let expected = ''
    for (let part = 0; part < 20; part++) {
      expected += `part ${part};`
      client.write(`part ${part};`)
      await new Promise(setImmediate)
    }
    await expect.poll(() => received).toBe(expected)
    expect((arrivals[0] as number) - sentMs).toBeGreaterThanOrEqual(39)
  })

  it('a healed latency does not overtake what is still on its way', async () => {
    const { client, target, link } = await connection()
    const heal = latency({ delayMs: 60, direction: 'up' }).onLink?.(link)
    const all = untilEnd(target)
    client.write('slow ')
    await somethingElsePasses()
    heal?.()
    client.end('fast')
    expect(await all).toBe('slow fast')
  })

  it('a stall lets nothing through, not even a FIN or a reset, and loses nothing', async () => {
    const { client, target, link } = await connection()
    const heal = stall().onLink?.(link)
    const seen: string[] = []
    target.on('data', (bytes) => seen.push(String(bytes))).on('end', () => seen.push('(end)'))
    client.end('all of it')
    await somethingElsePasses()
    expect(seen).toEqual([])
    heal?.()
    await expect.poll(() => seen.at(-1)).toBe('(end)')
    expect(seen.slice(0, -1).join('')).toBe('all of it')
  })

  it('two stalls must both heal', async () => {
    const { client, target, link } = await connection()
    const [first, second] = [stall().onLink?.(link), stall({ direction: 'up' }).onLink?.(link)]
    const all = untilEnd(target)
    client.end('x')
    first?.()
    await somethingElsePasses()
    expect(target.readableEnded).toBe(false)
    second?.()
    expect(await all).toBe('x')
  })

  it('a slow reader makes the target wait, and gets everything in the end', async () => {
    const { client, target, link } = await connection()
    const heal = slowReader({ bytesPerSecond: 20_000 }).onLink?.(link)
    const payload = Buffer.alloc(16 * 1024 * 1024, 'x')
    let received = 0
    client.on('data', (bytes) => {
      received += bytes.length
    })
    let flushed = false
    target.write(payload, () => {
      flushed = true
    })
    await expect.poll(() => received).toBeGreaterThan(3_000)
    expect(flushed).toBe(false)
    expect(received).toBeLessThan(1_000_000)
    heal?.()
    await expect.poll(() => received, { timeout: 20_000 }).toBe(payload.length)
  })

  it('a half-open client is gone for itself, while the target keeps its side and hears nothing', async () => {
    const { client, target, link } = await connection()
    const heard: string[] = []
    for (const name of ['data', 'end', 'error', 'close']) target.on(name, () => heard.push(name))
    const lost = errorOf(client)
    halfOpen().onLink?.(link)
    expect(await lost).toBe('ECONNRESET')
    target.write('are you there?')
    await somethingElsePasses()
    expect(heard).toEqual([])
    const connections = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
    expect(connections).toBe(2)
  })

  it('a half-open client is not mended by healing another fault: nobody takes what the target sends', async () => {
    const { client, target, link } = await connection()
    const heal = stall().onLink?.(link)
    halfOpen().onLink?.(link)
    const heard: string[] = []
    for (const name of ['end', 'error', 'close']) target.on(name, () => heard.push(name))
    client.destroy()
    heal?.()
    expect(await flushedUntilItStandsStill(target)).toBeLessThan(40)
    expect(heard).toEqual([])
  })
})
