import { describe, expect, it } from 'vitest'
import { fault } from '../../../harness/fault/faults.ts'
import { StormFaults } from '../../../harness/live/storm-faults.ts'

describe('faults of a live storm', () => {
  it('refuse by name what only a simulated machine can do', () => {
    const faults = new StormFaults({ proxy: null, process: null }, () => {})
    for (const one of [fault.clockJump({ byMs: 1000 }), fault.fsError({ code: 'EIO' })]) {
      const planned = { name: `1:${one.name}`, fault: one, fromMs: 0, untilMs: undefined, clients: 'all' } as const
      const refusal = expect.objectContaining({
        code: 'ERR_WORLD_UNSUPPORTED',
        message: expect.stringContaining(one.name),
      })
      expect(() => faults.start([planned])).toThrow(refusal)
      expect(() => faults.hitProcess(one)).toThrow(refusal)
    }
  })
})
