import { describe, expect, it } from 'vitest'
import { Patience } from '../../../harness/run/patience.ts'

/** Patience of 100 ms over a clock, an activity and a starvation that the test sets. */
function patient() {
  const moments = { nowMs: 1_000, lastActivityMs: 500, starvedMs: 40 }
  const patience = new Patience({
    quietMs: 100,
    nowMs: () => moments.nowMs,
    lastActivityMs: () => moments.lastActivityMs,
    starvedMs: () => moments.starvedMs,
  })
  return { moments, leftMs: (longestMs = 600) => patience.leftMs(longestMs) }
}

describe('patience', () => {
  it('lasts for a while from its beginning, when nothing happens', () => {
    const { moments, leftMs } = patient()
    expect(leftMs()).toBe(100)
    moments.nowMs = 1_100
    expect(leftMs()).toBe(0)
  })

  it('begins anew with whatever happens, but not for ever', () => {
    const { moments, leftMs } = patient()
    moments.nowMs = 1_090
    moments.lastActivityMs = 1_080
    expect(leftMs()).toBe(90)
    moments.nowMs = 1_590
    moments.lastActivityMs = 1_580
    expect(leftMs()).toBe(10)
    expect(leftMs(300)).toBeLessThan(0)
  })

  it('does not count the time in which a process that could run had no processor', () => {
    const { moments, leftMs } = patient()
    expect(leftMs()).toBe(100)
    moments.nowMs = 1_100
    moments.starvedMs = 70
    expect(leftMs()).toBe(30)
    moments.nowMs = 1_130
    expect(leftMs()).toBe(0)
    // What was waited before something happened says nothing of what came after it.
    moments.lastActivityMs = 1_130
    expect(leftMs()).toBe(100)
    moments.nowMs = 1_230
    expect(leftMs()).toBe(0)
  })

  it('is not lost when a process has been replaced, which counts from nothing', () => {
    const { moments, leftMs } = patient()
    expect(leftMs()).toBe(100)
    moments.nowMs = 1_099
    moments.starvedMs = 0
    expect(leftMs()).toBe(1)
    moments.nowMs = 1_100
    expect(leftMs()).toBe(0)
  })

  it('has an end however long a process had no processor', () => {
    const { moments, leftMs } = patient()
    expect(leftMs()).toBe(100)
    moments.nowMs = 1_500
    moments.starvedMs = 10_000
    expect(leftMs()).toBe(100)
  })
})
