import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../harness/fault/fault.ts'
import { fault } from '../../../harness/fault/faults.ts'
import type { PlannedFault } from '../../../harness/fault/nemesis.ts'
import { StormFaults } from '../../../harness/live/storm-faults.ts'

const plan = (one: Fault, process = 0): PlannedFault => ({
  name: `1:${one.name}`,
  fault: one,
  fromMs: 0,
  untilMs: undefined,
  clients: 'all',
  process,
})

/** A target of so many processes that only note what is done to them, and the faults of a storm around it. */
function stormAround(processes: number) {
  const done: string[] = []
  const record: string[] = []
  const all = Array.from({ length: processes }, (_, place) => ({
    kill: () => void done.push(`kill ${place}`),
    restart: () => void done.push(`restart ${place}`),
    pause: () => () => {},
  }))
  const faults = new StormFaults({ proxies: [], processes: all }, ({ action, fault: what, scope }) =>
    record.push(`${action} ${what} ${scope}`),
  )
  return { faults, done, record }
}

describe('faults of a live storm', () => {
  it('refuse by name what only a simulated machine can do', () => {
    const faults = new StormFaults({ proxies: [], processes: [] }, () => {})
    for (const one of [fault.clockJump({ byMs: 1000 }), fault.fsError({ code: 'EIO' })]) {
      const planned = plan(one)
      const refusal = expect.objectContaining({
        code: 'ERR_WORLD_UNSUPPORTED',
        message: expect.stringContaining(one.name),
      })
      expect(() => faults.start([planned])).toThrow(refusal)
      expect(() => faults.hitProcess(one, 0)).toThrow(refusal)
    }
  })

  it('hit the one process that is meant, and say which', () => {
    const { faults, done, record } = stormAround(3)
    faults.hitProcess(fault.kill(), 1)
    faults.healAll()
    expect(done).toEqual(['kill 1', 'restart 1'])
    expect(record).toEqual(['start kill SIGKILL of process 1 target', 'heal kill SIGKILL of process 1 target'])
  })

  it('heal before the storm is over when they are asked to, and only once', () => {
    const { faults, done } = stormAround(3)
    const restart = faults.hitProcess(fault.kill(), 2)
    expect(done).toEqual(['kill 2'])
    restart()
    faults.healAll()
    restart()
    expect(done).toEqual(['kill 2', 'restart 2'])
  })

  it('heal at once when a slow script hits after the storm, and last again in the next', () => {
    const { faults, done } = stormAround(1)
    faults.start([])
    faults.healAll()
    faults.hitProcess(fault.kill(), 0)
    expect(done).toEqual(['kill 0', 'restart 0'])
    faults.start([])
    faults.hitProcess(fault.kill(), 0)
    expect(done).toEqual(['kill 0', 'restart 0', 'kill 0'])
  })

  it('name no process where there is but one', () => {
    const { faults, record } = stormAround(1)
    faults.hitProcess(fault.kill(), 0)
    expect(record).toEqual(['start kill SIGKILL target'])
  })

  it('refuse a process that is not there', () => {
    const { faults, done } = stormAround(2)
    const missing = "'kill' is to hit process 2, and the scenario has 2, from 0"
    expect(() => faults.hitProcess(fault.kill(), 2)).toThrow(missing)
    expect(() => faults.start([plan(fault.kill(), 2)])).toThrow(missing)
    expect(done).toEqual([])
  })
})
