import '../../../../harness/register.ts'
import http, { createServer, globalAgent } from 'node:http'
import { Agent, getGlobalDispatcher, request, setGlobalDispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { fault } from '../../../../harness/fault/faults.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { listening } from '../programs.ts'

const url = 'http://127.0.0.1:8080/'
const wait = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

const ways: Record<string, () => Promise<unknown>> = {
  fetch: async () => (await fetch(url)).text(),
  'the package undici': async () => (await request(url)).body.text(),
  'http.get without an agent': () =>
    new Promise((resolve, reject) => {
      http.get(url, (reply) => reply.resume().on('end', resolve)).on('error', reject)
    }),
  'http.get with http.globalAgent': () =>
    new Promise((resolve, reject) => {
      http.get(url, { agent: globalAgent }, (reply) => reply.resume().on('end', resolve)).on('error', reject)
    }),
}

/** A server that counts its connections. */
async function countingServer(sim: Sim): Promise<{ connections: number }> {
  const count = { connections: 0 }
  const server = createServer((_asked, reply) => reply.end('ok'))
  server.on('connection', () => count.connections++)
  await sim.process('server', () => listening(server, 8080))
  return count
}

describe.each(Object.entries(ways))('the connections that %s keeps', (_name, ask) => {
  it('are used again by the process that has them, and by no other', async () => {
    const { status, value } = await simulate(async (sim) => {
      const count = await countingServer(sim)
      const seen: number[] = []
      for (const name of ['a', 'a', 'b', 'a', 'b']) {
        await sim.process(name, ask)
        seen.push(count.connections)
      }
      return seen
    })
    expect({ status, value }).toEqual({ status: 'done', value: [1, 1, 2, 2, 2] })
  })

  it('end with their process, and take nobody along', async () => {
    const { status, value } = await simulate(async (sim) => {
      const count = await countingServer(sim)
      await sim.process('a', ask)
      sim.fault(fault.kill(), { process: 'a', fromMs: 50, untilMs: 5000 })
      const goesOn = await sim.process('b', async () => {
        await ask()
        await wait(100)
        await ask()
        return true
      })
      return { goesOn, connections: count.connections }
    })
    expect({ status, value }).toEqual({ status: 'done', value: { goesOn: true, connections: 2 } })
  })

  it('are forgotten with their schedule', async () => {
    const counts: unknown[] = []
    for (let schedule = 0; schedule < 2; schedule++) {
      const { value } = await simulate(async (sim) => {
        const count = await countingServer(sim)
        await ask()
        return count.connections
      })
      counts.push(value)
    }
    expect({ counts, sockets: { ...globalAgent.sockets, ...globalAgent.freeSockets } }).toEqual({
      counts: [1, 1],
      sockets: {},
    })
  })
})

describe('what fetch sends its requests through', () => {
  it('is left as it is when the code under test has put it there', async () => {
    const before = getGlobalDispatcher()
    const own = new Agent({ connections: 1, pipelining: 1 })
    setGlobalDispatcher(own)
    try {
      const { value } = await simulate(() => getGlobalDispatcher() === own)
      expect(value).toBe(true)
    } finally {
      setGlobalDispatcher(before)
    }
  })
})
