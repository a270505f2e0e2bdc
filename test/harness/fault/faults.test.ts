import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../harness/fault/fault.ts'
import { halfOpen } from '../../../harness/fault/half-open.ts'
import { kill } from '../../../harness/fault/kill.ts'
import { latency } from '../../../harness/fault/latency.ts'
import { reset } from '../../../harness/fault/reset.ts'
import { slowReader } from '../../../harness/fault/slow-reader.ts'
import { stall } from '../../../harness/fault/stall.ts'

describe('a fault', () => {
  const faults: Fault[] = [
    latency({ delayMs: 20, jitterMs: 5 }),
    reset(),
    stall(),
    halfOpen(),
    slowReader({ bytesPerSecond: 1000 }),
    kill(),
  ]

  it('has a description that starts with its name, by which checks know it', () => {
    for (const { name, description } of faults) expect(description.startsWith(name)).toBe(true)
  })

  it('can be done to what it says that it is for', () => {
    for (const { target, onLink, onProcess } of faults) {
      expect(target === 'link' ? onLink : onProcess).toBeTypeOf('function')
      expect(target === 'link' ? onProcess : onLink).toBeUndefined()
    }
  })

  it('refuses figures that make no sense, and says what it expected', () => {
    expect(() => latency({ delayMs: -1 })).toThrow('expected delayMs to be a number of at least 0, got -1')
    expect(() => latency({ delayMs: 1, jitterMs: Number.NaN })).toThrow('expected jitterMs')
    expect(() => latency({ delayMs: 1, direction: 'sideways' as never })).toThrow("expected direction to be 'up'")
    expect(() => stall({ direction: 'x' as never })).toThrow('expected direction')
    expect(() => slowReader({ bytesPerSecond: 0 })).toThrow(
      'expected bytesPerSecond to be a number of at least 1, got 0',
    )
    expect(() => kill({ signal: 'SIGSTOP' as never })).toThrow('expected signal to be one of SIGKILL, SIGTERM')
  })

  it('of a kill is healed by a restart', () => {
    const done: string[] = []
    const heal = kill({ signal: 'SIGTERM' }).onProcess?.({
      kill: (signal) => done.push(signal),
      restart: () => done.push('restart'),
    })
    expect(done).toEqual(['SIGTERM'])
    heal?.()
    expect(done).toEqual(['SIGTERM', 'restart'])
  })
})
