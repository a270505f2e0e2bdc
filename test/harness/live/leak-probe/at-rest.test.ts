import { describe, expect, it } from 'vitest'
import { untilAtRest, withCounts } from '../../../../harness/live/leak-probe/at-rest.ts'

/** Counts as they are seen one after the other; the last one stays. */
function seen(counts: Record<string, number>[]) {
  let looks = 0
  return {
    glance: async () => ({ counts: counts[Math.min(looks++, counts.length - 1)] ?? {}, blind: [], items: [] }),
    looks: () => looks,
  }
}
const known = { baseline: { sockets: 0 }, highest: { sockets: 0 } }
const patient = { timeoutMs: 60_000, signal: new AbortController().signal }

describe('a target', () => {
  it('is at rest as soon as its counts are back at the baseline', async () => {
    const { glance, looks } = seen([{ sockets: 3 }, { sockets: 1 }, { sockets: 0, 'resource:stream': 0 }])
    await untilAtRest(glance, known, patient)
    expect(looks()).toBe(3)
  })

  it('may keep what it had kept at an earlier rest', async () => {
    const { glance, looks } = seen([{ sockets: 4 }])
    await untilAtRest(glance, withCounts(known, { sockets: 4 }), patient)
    expect(looks()).toBe(1)
  })

  it('is at rest when what may stay above the baseline stands still', async () => {
    const { glance, looks } = seen([{ sockets: 9 }, { sockets: 5 }, { sockets: 4 }])
    await untilAtRest(glance, known, patient)
    expect(looks()).toBeGreaterThan(3)
  })

  it('is given all the time there is for what must be back exactly, however still it stands', async () => {
    const leaking = { 'resource:stream': 1 }
    const startMs = performance.now()
    await untilAtRest(seen([leaking]).glance, withCounts(known, leaking), { ...patient, timeoutMs: 900 })
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(900)
  })

  it('is not waited for when the run is interrupted', async () => {
    const { glance, looks } = seen([{ childProcesses: 1 }])
    await untilAtRest(glance, known, { ...patient, signal: AbortSignal.abort() })
    expect(looks()).toBe(0)
  })
})
