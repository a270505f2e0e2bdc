import '../../../../harness/register.ts'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { fault } from '../../../../harness/fault/faults.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'

const seeds = Array.from({ length: 30 }, (_, seed) => seed)
const wait = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

/** A server that counts its starts in a file and tells each client how many there were; its timers note when they fire. */
async function countingServer(fired: number[]): Promise<void> {
  const starts = 1 + Number(readOr('/starts', '0'))
  writeFileSync('/starts', String(starts))
  setInterval(() => fired.push(starts), 50)
  const server = createServer((socket) => socket.on('error', () => {}).write(String(starts)))
  server.listen(80)
  await once(server, 'listening')
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

/** What a client of the server hears until its connection ends, or for so long. */
async function listen(forMs = 1000): Promise<string[]> {
  const heard: string[] = []
  const socket = connect(80)
  socket.on('data', (bytes) => heard.push(String(bytes)))
  socket.on('end', () => heard.push('end'))
  socket.on('error', ({ code }: NodeJS.ErrnoException) => heard.push(String(code)))
  await Promise.race([once(socket, 'close').catch(() => {}), wait(forMs)])
  socket.destroy()
  return heard
}

describe('a process that is killed', () => {
  it('ends at once with its timers and connections, and comes back with its files', async () => {
    for (const seed of seeds) {
      const { value, findings } = await simulate(
        async (sim) => {
          const fired: number[] = []
          await sim.process('server', () => countingServer(fired))
          const restart = sim.fault(fault.kill(), { process: 'server', fromMs: 200, untilMs: 500 })
          const before = await sim.process('a', () => listen())
          const firedBefore = fired.length
          const refused = await sim.process('b', () => listen())
          const firedWhileDown = fired.length - firedBefore
          await wait(400)
          const after = await sim.process('c', () => listen(100))
          restart()
          return { before, refused, firedWhileDown, after, last: fired.at(-1), timers: [...new Set(fired)] }
        },
        { seed },
      )
      expect(findings).toEqual([])
      expect(value).toEqual({
        before: ['1', 'end'],
        refused: ['ECONNREFUSED'],
        firedWhileDown: 0,
        after: ['2'],
        last: 2,
        timers: [1, 2],
      })
    }
  })

  it('resets the connections on which it had bytes unread, as the kernel does', async () => {
    const { value } = await simulate(async (sim) => {
      await sim.process('server', async () => {
        await once(createServer({ pauseOnConnect: true }).listen(80), 'listening')
      })
      return sim.process('client', async () => {
        const socket = connect(80)
        await once(socket, 'connect')
        socket.write('unread')
        await wait(100)
        sim.fault(fault.kill(), { process: 'server' })
        const [error] = await once(socket, 'error')
        return error.code
      })
    })
    expect(value).toBe('ECONNRESET')
  })

  it('may catch SIGTERM, and dies of it otherwise', async () => {
    const hit = (sim: Sim, catches: boolean) =>
      sim.process('client', async () => {
        let caught = 0
        await sim.process('server', async () => {
          if (catches) process.on('SIGTERM', () => caught++)
          await once(createServer().listen(80), 'listening')
        })
        sim.fault(fault.kill({ signal: 'SIGTERM' }), { process: 'server' })
        await wait(100)
        return { caught, heard: await listen(50) }
      })
    expect((await simulate((sim) => hit(sim, true))).value).toEqual({ caught: 1, heard: [] })
    expect((await simulate((sim) => hit(sim, false))).value).toEqual({ caught: 0, heard: ['ECONNREFUSED'] })
  })

  it('needs the name of a process that sim.process has started', async () => {
    const { findings } = await simulate((sim) => {
      sim.fault(fault.kill(), { process: 'nobody' })
    })
    expect(findings).toMatchObject([{ kind: 'rejected', thrown: { code: 'ERR_USAGE' } }])
    expect(findings[0]?.message).toContain(`got "nobody"`)
  })

  it('fails aloud when it cannot start again', async () => {
    const { findings } = await simulate(async (sim) => {
      let starts = 0
      await sim.process('server', () => {
        if (++starts > 1) throw new Error('no second time')
      })
      sim.fault(fault.kill(), { process: 'server', fromMs: 1, untilMs: 5 })
      await wait(100)
    })
    expect(findings).toMatchObject([{ kind: 'rejected', message: 'Error: no second time', node: 'server' }])
  })
})

describe('a process that is paused', () => {
  it('does nothing until it goes on, and loses nothing', async () => {
    for (const seed of seeds) {
      const { value, findings } = await simulate(
        async (sim) => {
          const fired: number[] = []
          await sim.process('server', () => countingServer(fired))
          await wait(100)
          const goOn = sim.fault(fault.pause(), { process: 'server' })
          const firedBefore = fired.length
          const heardMeanwhile = await sim.process('a', () => listen(300))
          const late = sim.process('b', () => listen(600))
          await wait(200)
          const firedMeanwhile = fired.length - firedBefore
          goOn()
          return { heardMeanwhile, firedMeanwhile, late: await late, goesOn: fired.length > firedBefore }
        },
        { seed },
      )
      expect(findings).toEqual([])
      expect(value).toEqual({ heardMeanwhile: [], firedMeanwhile: 0, late: ['1'], goesOn: true })
    }
  })

  it('can be killed, and comes back running', async () => {
    const { value, findings } = await simulate(async (sim) => {
      const fired: number[] = []
      await sim.process('server', () => countingServer(fired))
      const goOn = sim.fault(fault.pause(), { process: 'server' })
      const restart = sim.fault(fault.kill(), { process: 'server' })
      restart()
      await wait(200)
      goOn()
      return { starts: [...new Set(fired)], heard: await sim.process('a', () => listen(100)) }
    })
    expect(findings).toEqual([])
    expect(value).toEqual({ starts: [2], heard: ['2'] })
  })
})

describe('a clock jump', () => {
  it.each([3_600_000, -3_600_000])('by %d ms moves the calendar of one process, and nothing else', async (byMs) => {
    const { value, findings } = await simulate(
      async (sim) => {
        const clocks = () => ({ date: Date.now(), made: new Date().toISOString(), now: performance.now() })
        const server = sim.process('server', async () => {
          const before = clocks()
          const start = process.hrtime.bigint()
          await wait(100)
          const after = clocks()
          const passedMs = Number(process.hrtime.bigint() - start) / 1e6
          await wait(100)
          return {
            calendarMs: after.date - before.date,
            monotonicMs: after.now - before.now,
            passedMs,
            end: Date.now(),
          }
        })
        sim.fault(fault.clockJump({ byMs }), { process: 'server', fromMs: 50, untilMs: 150 })
        const end = await server
        return {
          ...end,
          offMs: Math.abs(end.end - Date.now()),
          isMade: new Date(Date.now()).toISOString() === clocks().made,
        }
      },
      { windowMs: 0 },
    )
    expect(findings).toEqual([])
    expect(value).toMatchObject({ calendarMs: 100 + byMs, monotonicMs: 100, passedMs: 100, offMs: 0, isMade: true })
  })

  it('is no jump by nothing', () => {
    expect(() => fault.clockJump({ byMs: 0 })).toThrow('expected byMs to be a number other than 0, got 0')
  })
})
