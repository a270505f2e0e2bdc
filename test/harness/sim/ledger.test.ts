import '../../../harness/register.ts'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, get } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { fault } from '../../../harness/fault/faults.ts'
import { type Simulated, simulate } from '../../../harness/sim/simulate.ts'

const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')

/** The place of the line of this file that ends with that mark, as leftovers tell it. */
const placeOf = (mark: string) =>
  `test/harness/sim/ledger.test.ts:${1 + lines.findIndex((line) => line.endsWith(`// ${mark}`))}`

/** What a function leaves behind, with places. */
async function left(run: Simulated<unknown>) {
  const { leftovers, findings } = await simulate(run, { places: true })
  expect(findings).toEqual([])
  return leftovers.map(({ kind, node, place, openedAtMs }) => ({ kind, node, place, openedAtMs }))
}

describe('what is left behind is told with the place that opened it', () => {
  it('servers, whether the address is a number or has to be looked up', async () => {
    const both = await left(async () => {
      await once(createServer().listen(80), 'listening') // numbered server
      await once(createHttpServer().listen(81, 'localhost'), 'listening') // named server
    })
    expect(both).toMatchObject([
      { kind: 'server', place: placeOf('numbered server'), openedAtMs: 0 },
      { kind: 'server', place: placeOf('named server') },
    ])
  })

  it('both ends of a connection: the client by its connect, the server by its listen', async () => {
    const ends = await left(async (sim) => {
      await sim.process('server', async () => {
        await once(createServer().listen(80), 'listening') // accepting server
      })
      await sim.process('client', async () => {
        await once(connect(80), 'connect') // leaking client
      })
    })
    expect(ends).toMatchObject([
      { kind: 'connection', node: 'client', place: placeOf('leaking client') },
      { kind: 'connection', node: 'server', place: placeOf('accepting server') },
      { kind: 'server', node: 'server', place: placeOf('accepting server') },
    ])
  })

  it('timers and immediates; an interval by the call that set it, however often it has fired', async () => {
    const timers = await left(async () => {
      setInterval(() => {}, 10) // interval
      await new Promise((resolve) => setTimeout(resolve, 35))
      setTimeout(() => {}, 60_000) // time-out
    })
    expect(timers.sort((one, other) => Number(one.openedAtMs) - Number(other.openedAtMs))).toMatchObject([
      { kind: 'timer', place: placeOf('interval'), openedAtMs: 0 },
      { kind: 'timer', place: placeOf('time-out') },
    ])
    expect(timers).toHaveLength(2)
  })

  it('children', async () => {
    const children = await left(() => {
      spawn('sleep', ['3600']) // child
    })
    expect(children.filter(({ kind }) => kind === 'child')).toMatchObject([{ place: placeOf('child') }])
  })

  it('listeners of the process that are added again and again, and not those that are added once', async () => {
    const { leftovers } = await simulate(
      () => {
        const onTerm = () => () => {}
        process.on('SIGINT', () => {})
        for (let count = 0; count < 3; count++) process.on('SIGTERM', onTerm()) // listener
        const removed = () => {}
        for (let count = 0; count < 3; count++) process.on('SIGHUP', removed).off('SIGHUP', removed)
      },
      { places: true },
    )
    expect(leftovers).toMatchObject([
      { kind: 'listener', what: 'process.on("SIGTERM") 3 times with the same code', place: placeOf('listener') },
    ])
    expect(leftovers).toHaveLength(1)
  })
})

describe('places', () => {
  const leaky: Simulated<unknown> = async () => {
    const server = createHttpServer((_, reply) => setTimeout(() => reply.end('late'), 10)).listen(0)
    await once(server, 'listening')
    get({ port: (server.address() as AddressInfo).port, agent: false }, (reply) => reply.resume())
    await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('are not there unless they are asked for, and change nothing in the schedule', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const plain = await simulate(leaky, { seed })
      const placed = await simulate(leaky, { seed, places: true, stacks: false })
      expect(placed.hash).toBe(plain.hash)
      expect(plain.leftovers.length).toBeGreaterThan(0)
      for (const leftover of plain.leftovers) expect(leftover).not.toHaveProperty('place')
    }
  })
})

describe('nothing is left', () => {
  it('of a process that was killed', async () => {
    const leftovers = await left(async (sim) => {
      await sim.process('server', async () => {
        setInterval(() => {}, 10)
        await once(createServer().listen(80), 'listening')
      })
      sim.fault(fault.kill(), { process: 'server' })
    })
    expect(leftovers).toEqual([])
  })

  it('of idle keep-alive connections once the server has closed', async () => {
    const leftovers = await left(async () => {
      const server = createHttpServer((_, reply) => reply.end('hello')).listen(0)
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await new Promise<void>((resolve) => {
        get({ port }, (reply) => reply.on('end', resolve).resume())
      })
      server.close()
    })
    expect(leftovers).toEqual([])
  })
})
