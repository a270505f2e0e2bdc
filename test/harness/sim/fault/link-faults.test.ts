import '../../../../harness/register.ts'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../../harness/fault/fault.ts'
import { fault } from '../../../../harness/fault/faults.ts'
import { active } from '../../../../harness/sim/active.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { natural } from '../../../../harness/sim/strategy/natural.ts'

const seeds = Array.from({ length: 40 }, (_, seed) => seed)

/** What one side of a connection hears, each with its time: `10 data abc`, `12 end`, `12 error ECONNRESET`, `12 close`. */
function heard(socket: Socket, sim: Sim): string[] {
  const log: string[] = []
  const note = (what: string) => log.push(`${sim.nowMs} ${what}`)
  socket.on('data', (bytes) => note(`data ${bytes}`))
  socket.on('end', () => note('end'))
  socket.on('error', ({ code }: NodeJS.ErrnoException) => note(`error ${code}`))
  socket.on('close', () => note('close'))
  return log
}

interface Pair {
  sim: Sim
  client: Socket
  server: Socket
  atClient: string[]
  atServer: string[]
}

/** Runs a body on a connection between two processes that stands. */
async function paired<T>(sim: Sim, body: (pair: Pair) => Promise<T>): Promise<T> {
  let accepted: (socket: Socket) => void = () => {}
  const accepting = new Promise<Socket>((resolve) => {
    accepted = resolve
  })
  await sim.process('server', async () => {
    const listener = createServer({ allowHalfOpen: true }, (socket) => {
      accepted(socket)
      listener.close()
    }).listen(80)
    await once(listener, 'listening')
  })
  return sim.process('client', async () => {
    const client = connect({ port: 80, allowHalfOpen: true })
    const [server] = await Promise.all([accepting, once(client, 'connect')])
    const pair = { sim, client, server, atClient: heard(client, sim), atServer: heard(server, sim) }
    try {
      return await body(pair)
    } finally {
      client.destroy()
      server.destroy()
    }
  })
}

const wait = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

/** What was heard, without its times. */
const words = (log: readonly string[]) => log.map((line) => line.replace(/^\d+ /, ''))
const data = (log: readonly string[]) => words(log).flatMap((line) => (line.startsWith('data ') ? [line.slice(5)] : []))

/** Plays a body with many seeds, and expects no findings. */
async function eachSeed<T>(body: (pair: Pair) => Promise<T>): Promise<T[]> {
  const values: T[] = []
  for (const seed of seeds) {
    const { value, findings, status, pending } = await simulate((sim) => paired(sim, body), { seed, windowMs: 5 })
    expect({ findings, status, pending, seed }).toEqual({ findings: [], status: 'done', pending: [], seed })
    values.push(value as T)
  }
  return values
}

describe('latency', () => {
  it('lets bytes arrive no sooner, in order, and the FIN behind them', async () => {
    const logs = await eachSeed(async ({ sim, client, atServer }) => {
      sim.fault(fault.latency({ delayMs: 50, jitterMs: 30 }))
      const startMs = sim.nowMs
      for (const text of ['a', 'b', 'c']) client.write(text)
      client.end()
      await wait(300)
      const firstMs = Number((atServer[0] as string).split(' ')[0])
      return { text: data(atServer).join(''), last: words(atServer).at(-1), isLate: firstMs >= startMs + 50 }
    })
    for (const log of logs) expect(log).toEqual({ text: 'abc', last: 'end', isLate: true })
  })

  it('no longer delays what is sent after healing, but keeps what is under way in front of it', async () => {
    const logs = await eachSeed(async ({ sim, client, atServer }) => {
      const heal = sim.fault(fault.latency({ delayMs: 50 }))
      client.write('slow')
      await wait(10)
      heal()
      client.write('fast')
      await wait(200)
      return data(atServer).join('')
    })
    expect(new Set(logs)).toEqual(new Set(['slowfast']))
  })
})

describe('a stall', () => {
  it('lets nothing through while it lasts, and loses nothing', async () => {
    const logs = await eachSeed(async ({ sim, client, atServer }) => {
      const heal = sim.fault(fault.stall(), { connection: client })
      client.write('a')
      client.end('b')
      await wait(500)
      const meanwhile = [...atServer]
      heal()
      await wait(100)
      return { meanwhile, text: data(atServer).join(''), last: words(atServer).at(-1) }
    })
    for (const log of logs) expect(log).toEqual({ meanwhile: [], text: 'ab', last: 'end' })
  })

  it('hits connections that are opened while it lasts, of the process that it names only', async () => {
    for (const seed of seeds) {
      const { value } = await simulate(
        async (sim) => {
          await sim.process('server', async () => {
            const server = createServer((socket) => socket.unref().end('hello'))
              .listen(80)
              .unref()
            await once(server, 'listening')
          })
          sim.fault(fault.stall(), { process: 'one', untilMs: 1000 })
          const greet = (name: string) =>
            sim.process(name, async () => {
              for await (const _ of connect(80)) return sim.nowMs
            })
          const [one, two] = (await Promise.all([greet('one'), greet('two')])) as [number, number]
          return { one: one >= 1000, two: two < 500 }
        },
        { seed },
      )
      expect(value).toEqual({ one: true, two: true })
    }
  })
})

describe('a slow reader', () => {
  it('gets so many bytes a second, and the sender feels it', async () => {
    const [result] = await eachSeed(async ({ sim, server, atClient }) => {
      sim.fault(fault.slowReader({ bytesPerSecond: 100_000 }))
      const startMs = sim.nowMs
      const isDone = new Promise<number>((resolve) => server.write(Buffer.alloc(200_000), () => resolve(sim.nowMs)))
      const writtenMs = (await isDone) - startMs
      await wait(3000)
      const lastMs = Number((atClient.at(-1) as string).split(' ')[0]) - startMs
      return { writtenMs, lastMs, bytes: data(atClient).join('').length }
    })
    expect(result?.bytes).toBe(200_000)
    expect(result?.lastMs).toBeGreaterThan(1800)
    expect(result?.lastMs).toBeLessThan(2500)
    // The kernel holds 64 KiB; the rest had to wait.
    expect(result?.writtenMs).toBeGreaterThan(1200)
  })
})

describe('a reset', () => {
  it('is heard by both sides, and nothing is heard after it', async () => {
    const logs = await eachSeed(async ({ sim, client, server, atClient, atServer }) => {
      client.write('up')
      server.write('down')
      sim.fault(fault.reset(), { connection: client })
      await wait(100)
      return [words(atClient), words(atServer)]
    })
    for (const sides of logs) {
      for (const side of sides) {
        expect(side.slice(-2)).toEqual(['error ECONNRESET', 'close'])
        expect(side.length).toBeLessThanOrEqual(3)
      }
    }
  })
})

describe('a half-open connection', () => {
  it('is broken for the client, while the server hears nothing', async () => {
    const logs = await eachSeed(async ({ sim, client, server, atClient, atServer }) => {
      sim.fault(fault.halfOpen(), { connection: server })
      server.write('anybody there?')
      await wait(10_000)
      return { client: words(atClient), server: [...atServer], isWritable: server.writable, isGone: client.destroyed }
    })
    for (const log of logs) {
      expect(log).toEqual({ client: ['error ECONNRESET', 'close'], server: [], isWritable: true, isGone: true })
    }
  })
})

describe('a partition', () => {
  it('lets nothing through, and TCP sends it again after healing: bytes in order, then the FIN', async () => {
    const logs = await eachSeed(async ({ sim, client, server, atServer, atClient }) => {
      const heal = sim.fault(fault.partition())
      client.write('a')
      await wait(30)
      client.end('b')
      server.write('c')
      await wait(1000)
      const meanwhile = [...atServer, ...atClient]
      heal()
      const healedMs = sim.nowMs
      await wait(3000)
      const firstMs = Number((atServer[0] as string).split(' ')[0])
      const isSentAgain = firstMs > healedMs && firstMs < healedMs + 1500
      return { meanwhile, isSentAgain, up: words(atServer).at(-1), text: data(atServer).join(''), down: data(atClient) }
    })
    for (const log of logs) {
      expect(log).toEqual({ meanwhile: [], isSentAgain: true, up: 'end', text: 'ab', down: ['c'] })
    }
  })

  it('swallows an RST: the other side learns of it only when it sends something', async () => {
    const logs = await eachSeed(async ({ sim, client, server, atServer }) => {
      const heal = sim.fault(fault.partition())
      client.resetAndDestroy()
      await wait(100)
      heal()
      await wait(5000)
      const unaware = [...atServer]
      server.write('x')
      await wait(100)
      return { unaware, after: words(atServer) }
    })
    for (const log of logs) expect(log).toEqual({ unaware: [], after: ['error ECONNRESET', 'close'] })
  })
})

describe('a split', () => {
  it('cuts a write into that many reads, in order, at places that differ from seed to seed', async () => {
    const logs = await eachSeed(async ({ sim, client, atServer }) => {
      sim.fault(fault.split({ pieces: 3 }))
      client.write('abcdefghij')
      client.write('k')
      client.end()
      await wait(200)
      return { texts: data(atServer), last: words(atServer).at(-1) }
    })
    for (const { texts, last } of logs) {
      expect(texts.join('')).toBe('abcdefghijk')
      expect(texts.length).toBeGreaterThanOrEqual(3)
      expect(last).toBe('end')
    }
    expect(new Set(logs.map(({ texts }) => texts[0])).size).toBeGreaterThan(3)
  })

  it('holds within one process as well, where a read takes all there is', async () => {
    const { value } = await simulate(async (sim) => {
      const texts: string[] = []
      const server = createServer((socket) => socket.on('data', (bytes) => texts.push(String(bytes)))).listen(80)
      const client = connect(80)
      await once(client, 'connect')
      sim.fault(fault.split())
      client.end('abcdef')
      await once(client, 'close')
      server.close()
      return texts
    })
    expect(value).toHaveLength(2)
    expect(value?.join('')).toBe('abcdef')
  })
})

describe('a merge', () => {
  it('lets what is written within its time arrive in one read', async () => {
    const logs = await eachSeed(async ({ sim, client, atServer }) => {
      sim.fault(fault.merge({ withinMs: 20 }))
      for (const text of ['a', 'b', 'c']) {
        client.write(text)
        await wait(5)
      }
      await wait(200)
      return data(atServer)
    })
    for (const log of logs) expect(log).toEqual(['abc'])
  })
})

describe('a cut', () => {
  it('ends the connection with an RST after that many bytes, in the middle of a message', async () => {
    const logs = await eachSeed(async ({ sim, server, atClient, atServer }) => {
      sim.fault(fault.cut({ after: { bytes: 5 }, direction: 'down' }))
      server.write('abc')
      server.write('defg')
      await wait(100)
      return { client: words(atClient), server: words(atServer), text: data(atClient).join('') }
    })
    for (const { client, server, text } of logs) {
      expect('abcde').toContain(text)
      expect(client.slice(-2)).toEqual(['error ECONNRESET', 'close'])
      expect(server).toEqual(['error ECONNRESET', 'close'])
    }
    expect(logs.map(({ text }) => text)).toContain('abcde')
  })

  it('ends it with a FIN after that many messages, all of which arrive', async () => {
    const logs = await eachSeed(async ({ sim, server, atClient, atServer }) => {
      sim.fault(fault.cut({ after: { messages: 2 }, direction: 'down', ending: 'end' }))
      for (const text of ['one', 'two', 'three']) server.write(text)
      await wait(100)
      return { text: data(atClient).join(''), last: words(atClient).at(-1), server: words(atServer) }
    })
    for (const { text, last, server } of logs) {
      expect({ text, last }).toEqual({ text: 'onetwo', last: 'end' })
      // It was told of the end, or, since it wrote on, of the socket that is gone.
      expect(['end', 'error ECONNRESET']).toContain(server[0])
    }
  })
})

const everyLinkFault: Fault[] = [
  fault.latency({ delayMs: 5, jitterMs: 20 }),
  fault.stall(),
  fault.slowReader({ bytesPerSecond: 1000 }),
  fault.reset(),
  fault.halfOpen(),
  fault.partition(),
  fault.split(),
  fault.merge(),
  fault.cut({ after: { bytes: 40 } }),
]

/** Two clients that talk to a server that echoes, under faults; what they heard. */
async function echo(sim: Sim, faults: readonly [Fault, string][]): Promise<string[]> {
  await sim.process('server', async () => {
    const server = createServer((socket) =>
      socket
        .on('error', () => {})
        .pipe(socket)
        .unref(),
    )
      .listen(80)
      .unref()
    await once(server, 'listening')
  })
  for (const [one, process] of faults) sim.fault(one, { process, fromMs: 10, untilMs: 120 })
  const client = (name: string) =>
    sim.process(name, async () => {
      const socket = connect(80)
      const log = heard(socket, sim)
      for (let count = 0; count < 8; count++) {
        socket.write(`${name} says ${count}, `)
        await wait(7)
      }
      await wait(1000)
      socket.destroy()
      return log
    })
  return (await Promise.all([client('one'), client('two')])).flat()
}

describe('faults of links', () => {
  it.each(everyLinkFault.map((one) => [one.name, one] as const))('%s is the same for the same seed', async (_, one) => {
    for (const seed of [1, 2, 3]) {
      const run = () => simulate((sim) => echo(sim, [[one, 'one']]), { seed })
      const [first, second] = [await run(), await run()]
      expect(first.findings).toEqual([])
      expect(second.hash).toBe(first.hash)
      expect(second.value).toEqual(first.value)
      expect(first.trace.join('\n')).toContain(`fault#1:${one.name}/0 start: ${one.description}`)
    }
  })

  it('begin at different places among the other events, from seed to seed', async () => {
    const placeOf = async (seed: number) => {
      const { choices } = await simulate((sim) => echo(sim, [[fault.stall(), 'one']]), { seed })
      return choices.indexOf('fault#1:stall/0')
    }
    const places = new Set<number>()
    for (const seed of seeds) places.add(await placeOf(seed))
    expect(places.size).toBeGreaterThan(5)
  })

  it('keep their names and draws when another is left out', async () => {
    const faults: [Fault, string][] = [
      [fault.stall(), 'one'],
      [fault.split({ pieces: 3 }), 'two'],
    ]
    const { pieces } = await piecesOfTwo([])
    const { names, pieces: without } = await piecesOfTwo(['1:stall'])
    expect(names).toEqual(['1:stall', '2:split'])
    expect(without).toEqual(pieces)

    async function piecesOfTwo(withoutFaults: string[]) {
      const { trace, faults: names } = await simulate((sim) => echo(sim, faults), {
        seed: 4,
        withoutFaults,
        strategy: natural(),
      })
      expect(trace.join('\n').includes('start: stall')).toBe(withoutFaults.length === 0)
      const written = trace.filter((line) => / c\d+:two→server\//.test(line) && line.includes(' data '))
      return { names, pieces: written.map((line) => line.replace(/^\d+ c\d+:/, '')) }
    }
  })
})

describe('a connection that is hit while it is opened', () => {
  it.each([
    ['reset', fault.reset()],
    ['half-open', fault.halfOpen()],
  ])('by %s is opened first, so that neither side waits for ever', async (_name, hit) => {
    for (const seed of seeds) {
      const { value, status, leftovers } = await simulate(
        async (sim) => {
          const accepted: Socket[] = []
          await sim.process('server', async () => {
            const listener = createServer((socket) => accepted.push(socket.on('error', () => {}))).listen(80)
            await once(listener, 'listening')
            setTimeout(() => {
              listener.close()
              for (const socket of accepted) socket.destroy()
            }, 100)
          })
          active.current?.network.onLink((link) => hit.onLink?.(link))
          return sim.process('client', async () => {
            const log: string[] = []
            const client = connect(80).on('connect', () => log.push('connect'))
            client.on('error', ({ code }: NodeJS.ErrnoException) => log.push(`${code}`))
            await new Promise((closed) => client.once('close', closed))
            return log
          })
        },
        { seed },
      )
      expect({ value, status, leftovers }).toEqual({ value: ['connect', 'ECONNRESET'], status: 'done', leftovers: [] })
    }
  })
})
