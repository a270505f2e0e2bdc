import '../../../../harness/register.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { active } from '../../../../harness/sim/active.ts'
import type { Simulation } from '../../../../harness/sim/core/simulation.ts'
import { endProcess } from '../../../../harness/sim/process/end-process.ts'
import type { Sim } from '../../../../harness/sim/sim.ts'
import { simulate } from '../../../../harness/sim/simulate.ts'
import { FileGate } from '../../../../reference-impl/mcp/file-gate.ts'
import { LockFile } from '../../../../reference-impl/mcp/lock-file.ts'
import { MetadataFile } from '../../../../reference-impl/mcp/metadata-file.ts'
import { type Processes, ProcessTable } from '../../../../reference-impl/mcp/process-table.ts'
import { replaceFile } from '../../../../reference-impl/mcp/replace-file.ts'
import { StateManager } from '../../../../reference-impl/mcp/state-manager.ts'
import { started } from '../../../../reference-impl/mcp/workflow-state.ts'
import { scheduled } from './temporary-folder.ts'

const folder = '/srv/mcp'

/** A gate as one process of the machine has it. */
function gateOf(self: string, isAlive: Processes['isAlive'] = () => true): FileGate {
  return new FileGate('state', (path) => {
    return new LockFile({ path: `${path}.lock`, name: 'state', processes: { self, isAlive } })
  })
}

/** Adds one to a number in a session's state, several times, from a process of its own. */
function countingProcess(sim: Sim, name: string, times: number): Promise<void> {
  return sim.process(name, async () => {
    const states = new StateManager(folder, gateOf(name))
    await states.open()
    for (let time = 0; time < times; time++) {
      await states.change('s', (state) => ({ ...(state ?? started('s', 'w')), workflow: `${state?.workflow ?? ''}+` }))
    }
  })
}

describe('the files of the reference server, unmodified', () => {
  it('lose no change, whatever the order of two processes', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const workflow = await scheduled(async (sim) => {
        await Promise.all([countingProcess(sim, 'a', 3), countingProcess(sim, 'b', 3)])
        return JSON.parse(sim.readFile(`${folder}/s.json`).toString()).workflow
      }, seed)
      expect(workflow).toBe('++++++')
    }
  })

  it('take over the lock of a process that crashed', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { status, findings } = await simulate(
        async (sim) => {
          const dead = new Set<string>()
          let isHeld = false
          const gate = (self: string) => gateOf(self, (name) => !dead.has(name))
          sim.file(`${folder}/f`, 'old')
          const ended = sim.process('first', () =>
            gate('first').run(`${folder}/f`, () => {
              isHeld = true
              return new Promise(() => {})
            }),
          )
          ended.catch(() => {}) // It crashes.
          while (!isHeld) await sleep(1)
          const { current } = active as { current: Simulation }
          endProcess(current, current.nodeNamed('first'))
          dead.add('first')
          await Promise.all(
            ['second', 'third'].map((name) =>
              sim.process(name, () => gate(name).run(`${folder}/f`, () => replaceFile(`${folder}/f`, name))),
            ),
          )
        },
        { seed },
      )
      expect({ status, findings }).toEqual({ status: 'done', findings: [] })
    }
  })

  it('tell living processes from those that ended, by their own table', async () => {
    const seen = await scheduled(async (sim) => {
      const names: string[] = []
      const crashing = sim.process('crashing', () => {
        names.push(new ProcessTable().self)
        endProcess(active.current as Simulation, (active.current as Simulation).node)
      })
      await crashing.catch(() => {})
      const table = new ProcessTable()
      await sim.process('other', () => names.push(new ProcessTable().self))
      return [table.self, ...names].map((name) => table.isAlive(name))
    })
    expect(seen).toEqual([true, false, true])
  })

  it('read what another process has just put in its place', async () => {
    const titles = await scheduled(async (sim) => {
      sim.file(`${folder}/template.json`, JSON.stringify({ revision: 0, workflows: {} }))
      const file = new MetadataFile(`${folder}/metadata.json`, gateOf('main'))
      await file.seed(`${folder}/template.json`)
      await sim.process('other', () =>
        new MetadataFile(`${folder}/metadata.json`, gateOf('other')).update('w', { title: 'W', phases: ['one'] }),
      )
      return Object.values((await file.load()).workflows).map(({ title }) => title)
    })
    expect(titles).toEqual(['W'])
  })
})
