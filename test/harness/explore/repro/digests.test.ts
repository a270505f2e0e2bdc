import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestsOf, firstDifference } from '../../../../harness/explore/repro/digests.ts'

const trace = (length: number) => Array.from({ length }, (_, step) => `${step} lane/${step} event`)

describe('the digests of a schedule', () => {
  it('are two characters a step, 32 steps a line', () => {
    expect(digestsOf(trace(70)).map(({ length }) => length)).toEqual([64, 64, 12])
    expect(digestsOf([])).toEqual([])
  })

  it('tell the first step that went another way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), (length, anywhere) => {
        const at = anywhere % length
        const other = trace(length).map((line, step) => (step < at ? line : `${line} elsewhere`))
        const told = firstDifference(digestsOf(trace(length)), digestsOf(other)) ?? length
        // Two characters are the same by chance in one of 256 cases; then it is told a step late.
        expect(told).toBeGreaterThanOrEqual(at)
        expect(told).toBeLessThanOrEqual(at + 2)
      }),
    )
  })

  it('tell where the shorter of two schedules ends, and no difference of equal ones', () => {
    expect(firstDifference(digestsOf(trace(40)), digestsOf(trace(35)))).toBe(35)
    expect(firstDifference(digestsOf(trace(40)), digestsOf(trace(40)))).toBeNull()
  })

  it('count bytes that came along with a step to that step', () => {
    const joined = [...trace(3), '  + lane/3', '4 lane/4 event']
    expect(digestsOf(joined).join('')).toHaveLength(8)
    expect(firstDifference(digestsOf(trace(3)), digestsOf(joined))).toBe(2)
  })
})
