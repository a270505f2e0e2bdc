import '../../../../harness/register.ts'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { connect, createServer } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { fault } from '../../../../harness/fault/faults.ts'
import { Random } from '../../../../harness/random.ts'
import { active } from '../../../../harness/sim/active.ts'
import type { SimEvent } from '../../../../harness/sim/core/event.ts'
import type { Lane } from '../../../../harness/sim/core/lane.ts'
import { isLegal } from '../../../../harness/sim/core/legality.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { type Simulated, simulate } from '../../../../harness/sim/simulate.ts'
import { randomWalk } from '../../../../harness/sim/strategy/random-walk.ts'
import type { Strategy } from '../../../../harness/sim/strategy/strategy.ts'
import { drawProgram, play } from '../oracle/program.ts'

/**
 * A random walk that looks before each step whether what lanes remember of their heads is what the rules say now, and whether
 * it may pick from exactly those events that may come.
 */
function comparing(seed: number, differences: string[]): Strategy {
  const walk = randomWalk(seed)
  return {
    name: 'comparing',
    pick(enabled, step) {
      const remembered = new Map(activeLanes().map((lane) => [lane, lane.isHeadLegal]))
      for (const { node } of remembered.keys()) node.version++
      for (const [lane, isHeadLegal] of remembered) if (isLegal(lane.head!) !== isHeadLegal) differences.push(lane.key)
      const mayCome = eventsThatMayCome()
      for (const event of new Set([...enabled, ...mayCome])) {
        if (enabled.includes(event) !== mayCome.includes(event)) differences.push(event.key)
      }
      return walk.pick(enabled, step)
    },
  }
}

/** By the rules, looked at one by one: nothing may come that is ready only after another has to have come. */
function eventsThatMayCome(): SimEvent[] {
  const heads = activeLanes().flatMap(({ node, head }) => (node.isPaused ? [] : head!))
  const limitMs = Math.max(active.current!.nowMs, Math.min(...heads.map(({ deadlineMs }) => deadlineMs)))
  return heads.filter((event) => event.readyMs <= limitMs && isLegal(event))
}

function activeLanes(): Lane[] {
  const waiting = [...(active.current?.waiting() ?? [])]
  return [...new Set(waiting.map(({ lane }) => lane))].filter(({ blocked }) => !blocked)
}

async function differencesOf(run: Simulated<unknown>, seed: number): Promise<string[]> {
  const differences: string[] = []
  const { status, steps } = await simulate(run, { seed, cpuMs: 5, strategy: comparing(seed, differences) })
  expect({ status, isBusy: steps > 1 }).toEqual({ status: 'done', isBusy: true })
  return differences
}

/** Ports that come and go, a reader that pauses, timers that are cleared, and processes that pause, or are killed and come back. */
async function busyProgram(sim: Sim): Promise<void> {
  void sim.process('worker', pingPong).catch(() => {})
  sim.fault(fault.pause(), { process: 'worker', fromMs: 1, untilMs: 3 })
  sim.fault(fault.kill(), { process: 'worker', fromMs: 4, untilMs: 8 })
  await sim.process('server', () =>
    once(createServer((socket) => void socket.end('x'.repeat(200_000))).listen(80), 'listening'),
  )
  await sim.process('client', readSlowly)
}

async function pingPong(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    createReadStream(import.meta.filename).resume()
    const { port1, port2 } = new MessageChannel()
    const idle = setTimeout(() => {}, 2)
    port2.on('message', (number: number) => (number < 3 ? port2.postMessage(number + 1) : port2.close()))
    port1.on('message', (number: number) => {
      setImmediate(() => port1.postMessage(number + 1))
      clearTimeout(idle)
    })
    port1.postMessage(0)
    await once(port1, 'close')
  }
}

async function readSlowly(): Promise<void> {
  const socket = connect(80)
  createReadStream(import.meta.filename).resume()
  for await (const _chunk of socket) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe('what a lane remembers of the legality of its head, and what may come next', () => {
  it('is what the rules say, in random programs of timers, immediates, files and sockets', async () => {
    const random = new Random('lane-legality')
    for (let seed = 1; seed <= 300; seed++) {
      const program = drawProgram(random)
      expect(await differencesOf(() => play(program), seed)).toEqual([])
    }
  })

  it('is what the rules say, when ports, readers and processes come and go', async () => {
    for (let seed = 1; seed <= 30; seed++) expect(await differencesOf(busyProgram, seed)).toEqual([])
  })
})
