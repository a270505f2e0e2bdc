import { describe, expect, it } from 'vitest'
import { clockJump } from '../../../harness/fault/clock-jump.ts'
import { cut } from '../../../harness/fault/cut.ts'
import type { Fault } from '../../../harness/fault/fault.ts'
import { halfOpen } from '../../../harness/fault/half-open.ts'
import { kill } from '../../../harness/fault/kill.ts'
import { latency } from '../../../harness/fault/latency.ts'
import { merge } from '../../../harness/fault/merge.ts'
import { partition } from '../../../harness/fault/partition.ts'
import { pause } from '../../../harness/fault/pause.ts'
import { reset } from '../../../harness/fault/reset.ts'
import { slowReader } from '../../../harness/fault/slow-reader.ts'
import { split } from '../../../harness/fault/split.ts'
import { stall } from '../../../harness/fault/stall.ts'

describe('a fault', () => {
  const faults: Fault[] = [
    latency({ delayMs: 20, jitterMs: 5 }),
    reset(),
    stall(),
    halfOpen(),
    slowReader({ bytesPerSecond: 1000 }),
    kill(),
    partition(),
    pause(),
    split(),
    merge(),
    cut({ after: { bytes: 10 } }),
    clockJump({ byMs: -1000 }),
  ]

  it('has a description that starts with its name, by which checks know it', () => {
    for (const { name, description } of faults) expect(description.startsWith(name)).toBe(true)
  })

  it('can be done to what it says that it is for', () => {
    for (const { target, onLink, onProcess, onFiles, onClock } of faults) {
      const able = Object.entries({ link: onLink, process: onProcess, files: onFiles, clock: onClock })
      expect(able.flatMap(([name, does]) => (does === undefined ? [] : [name]))).toEqual([target])
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
    expect(() => split({ pieces: 1 })).toThrow('expected pieces to be a number of at least 2, got 1')
    expect(() => merge({ withinMs: -1 })).toThrow('expected withinMs')
    expect(() => cut({ after: { bytes: 0 } })).toThrow('expected bytes to be a number of at least 1, got 0')
    expect(() => cut({ after: { messages: 1 }, ending: 'x' as never })).toThrow(
      "expected ending to be 'reset' or 'end'",
    )
    expect(() => kill({ signal: 'SIGSTOP' as never })).toThrow('expected signal to be one of SIGKILL, SIGTERM')
  })

  it('of a kill is healed by a restart', () => {
    const done: string[] = []
    const heal = kill({ signal: 'SIGTERM' }).onProcess?.({
      kill: (signal) => done.push(signal),
      restart: () => done.push('restart'),
      pause: () => () => {},
    })
    expect(done).toEqual(['SIGTERM'])
    heal?.()
    expect(done).toEqual(['SIGTERM', 'restart'])
  })

  it('of a pause is healed by going on', () => {
    const done: string[] = []
    const heal = pause().onProcess?.({
      kill: () => {},
      restart: () => {},
      pause: () => {
        done.push('pause')
        return () => done.push('go on')
      },
    })
    expect(done).toEqual(['pause'])
    heal?.()
    expect(done).toEqual(['pause', 'go on'])
  })
})
