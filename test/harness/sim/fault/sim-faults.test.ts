import '../../../../harness/register.ts'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { FaultableProcess } from '../../../../harness/fault/fault.ts'
import { fault } from '../../../../harness/fault/faults.ts'
import type { PlannedFault } from '../../../../harness/fault/nemesis.ts'
import { active } from '../../../../harness/sim/active.ts'
import type { Simulation } from '../../../../harness/sim/core/simulation.ts'
import { clockOf } from '../../../../harness/sim/fault/sim-clock.ts'
import { SimFaults } from '../../../../harness/sim/fault/sim-faults.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'

const wait = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs))

interface Storm {
  faults: SimFaults
  /** What was recorded: `120 start stall both c0`. */
  record: string[]
  /** What was done to the target's process. */
  done: string[]
}

/** The faults of a storm around a server that greets, and says `tick` on each connection every 10 ms. */
async function storm(sim: Sim, targets: { process?: null; clock?: null } = {}): Promise<Storm> {
  const simulation = active.current as Simulation
  const [record, done] = [[] as string[], [] as string[]]
  const process: FaultableProcess = {
    kill: (signal) => void done.push(`kill ${signal}`),
    restart: () => void done.push('restart'),
    pause: () => () => {},
  }
  const faults = new SimFaults(
    simulation,
    {
      processes: [{ process, clock: clockOf(simulation, 'server'), ...targets }],
      files: simulation.files.faults,
      isClient: ({ name }) => name.startsWith('c'),
    },
    ({ fault: what, action, scope }) => record.push(`${action} ${what} ${scope}`),
  )
  await sim.process('server', async () => {
    const server = createServer((socket) => {
      const timer = setInterval(() => socket.write('tick'), 10)
      socket.on('error', () => {}).on('close', () => clearInterval(timer))
    })
    await once(server.listen(80), 'listening')
  })
  return { faults, record, done }
}

/** How many ticks a client hears in so long, and what else. */
function count(sim: Sim, name: string, forMs: number, hit: (socket: Socket) => void = () => {}) {
  return sim.process(name, async () => {
    const socket = connect(80)
    const heard = { bytes: 0, error: '' }
    socket.on('data', ({ length }) => {
      heard.bytes += length
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      heard.error = String(code)
    })
    hit(socket)
    await wait(forMs)
    socket.destroy()
    return heard
  })
}

const plan = (one: PlannedFault['fault'], clients: string[] | 'all', fromMs = 0, untilMs?: number): PlannedFault => ({
  name: `1:${one.name}`,
  fault: one,
  fromMs,
  untilMs,
  clients: clients === 'all' ? 'all' : new Set(clients),
  process: 0,
})

async function played<T>(run: (sim: Sim) => Promise<T>, seed = 1): Promise<T> {
  const { value, findings, status } = await simulate(run, { seed })
  expect({ findings, status }).toEqual({ findings: [], status: 'done' })
  return value as T
}

describe('faults of a simulated storm', () => {
  it('hit the links of the clients that were drawn, while they last, and are recorded', async () => {
    const result = await played(async (sim) => {
      const { faults, record } = await storm(sim)
      faults.start([plan(fault.stall(), ['c0'], 0, 5000)])
      await wait(50)
      const [hit, spared] = await Promise.all([count(sim, 'c0', 500), count(sim, 'c1', 500)])
      faults.healAll()
      const later = await count(sim, 'c0', 500)
      return { hit: hit.bytes, spared: spared.bytes > 100, later: later.bytes > 100, record }
    })
    expect(result).toEqual({
      hit: 0,
      spared: true,
      later: true,
      record: ['start stall both c0', 'heal stall both c0'],
    })
  })

  it('of all clients spare the connections that no client has made', async () => {
    const result = await played(async (sim) => {
      const { faults } = await storm(sim)
      faults.start([plan(fault.partition(), 'all')])
      await wait(50)
      const [client, other] = await Promise.all([count(sim, 'c0', 300), count(sim, 'worker', 300)])
      faults.healAll()
      return { client: client.bytes, other: other.bytes > 100 }
    })
    expect(result).toEqual({ client: 0, other: true })
  })

  it('that have not begun never do after the storm', async () => {
    const record = await played(async (sim) => {
      const { faults, record } = await storm(sim)
      faults.start([plan(fault.stall(), 'all', 500, 900)])
      await wait(100)
      faults.healAll()
      await wait(2000)
      return record
    })
    expect(record).toEqual([])
  })

  it('of the process start and heal it at their times', async () => {
    const result = await played(async (sim) => {
      const { faults, record, done } = await storm(sim)
      faults.start([plan(fault.kill(), 'all', 100, 200)])
      await wait(50)
      const before = [...done]
      await wait(300)
      faults.hitProcess(fault.clockJump({ byMs: 5 }), 0)
      faults.healAll()
      return { before, done, record }
    })
    expect(result).toEqual({
      before: [],
      done: ['kill SIGKILL', 'restart'],
      record: [
        'start kill SIGKILL target',
        'heal kill SIGKILL target',
        'start clock-jump +5 ms target',
        'heal clock-jump +5 ms target',
      ],
    })
  })

  it('of the process heal when the script says so', async () => {
    const result = await played(async (sim) => {
      const { faults, done } = await storm(sim)
      const restart = faults.hitProcess(fault.kill(), 0)
      await wait(100)
      const meanwhile = [...done]
      restart()
      faults.healAll()
      return { meanwhile, done }
    })
    expect(result).toEqual({ meanwhile: ['kill SIGKILL'], done: ['kill SIGKILL', 'restart'] })
  })

  it('hit one connection, as soon as it stands', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const result = await played(async (sim) => {
        const { faults, record } = await storm(sim)
        const reset = await count(sim, 'c0', 300, (socket) => faults.hitSocket('c0', socket, fault.reset()))
        return { error: reset.error, record }
      }, seed)
      expect(result).toEqual({ error: 'ECONNRESET', record: ['start reset c0', 'heal reset c0'] })
    }
  })

  it('can be healed on that connection before the storm is over', async () => {
    const result = await played(async (sim) => {
      const { faults, record } = await storm(sim)
      const stalled = await count(sim, 'c0', 300, (socket) => {
        setTimeout(faults.hitSocket('c0', socket, fault.stall()), 50)
      })
      return { error: stalled.error, record }
    }, 1)
    expect(result).toEqual({ error: '', record: ['start stall both c0', 'heal stall both c0'] })
  })

  it('say what they lack when they can hit nothing', async () => {
    await played(async (sim) => {
      const { faults } = await storm(sim, { process: null, clock: null })
      expect(() => faults.start([plan(fault.kill(), 'all')])).toThrow("'kill' needs the target's process")
      expect(() => faults.hitProcess(fault.clockJump({ byMs: 5 }), 0)).toThrow("'clock-jump' needs the clock")
      expect(() => faults.hitProcess(fault.stall(), 0)).toThrow('hit() expects a fault of the process')
      expect(() => faults.hitProcess(fault.kill(), 1)).toThrow(
        'is to hit process 1, and the scenario has one process, 0',
      )
      expect(() => faults.hitSocket('c0', connect(80), fault.kill())).toThrow("'kill' is no fault of a link")
    })
  })
})
