import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ddmin } from '../../../../harness/explore/shrink/ddmin.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

describe('ddmin', () => {
  it('keeps nothing when nothing is needed, and asks once', () => {
    const asked: (readonly number[])[] = []
    const kept = ddmin(numbers(50), (some) => {
      asked.push(some)
      return some
    })
    expect(kept).toEqual([])
    expect(asked).toEqual([[]])
  })

  it('keeps everything when everything is needed', () => {
    expect(ddmin(numbers(9), (some) => (some.length === 9 ? some : null))).toEqual(numbers(9))
  })

  it('finds one item of a thousand in few questions', () => {
    let questions = 0
    const kept = ddmin(numbers(1000), (some) => {
      questions++
      return some.includes(617) ? some : null
    })
    expect(kept).toEqual([617])
    expect(questions).toBeLessThan(40)
  })

  it('keeps exactly what is needed, in order, whatever that is', () => {
    const needed = fc.uniqueArray(fc.nat(30), { maxLength: 6 })
    fc.assert(
      fc.property(needed, (wanted) => {
        const fails = (some: readonly number[]) => (wanted.every((each) => some.includes(each)) ? some : null)
        expect(ddmin(numbers(31), fails)).toEqual(wanted.toSorted((a, b) => a - b))
      }),
    )
  })

  it('is 1-minimal for whatever fails: without any single item it does not fail', () => {
    // Any subset may fail or not, as long as the whole does: nothing says that more items fail more.
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(), (count, seed) => {
        const hashed = (some: readonly number[]) => some.reduce((sum, each) => (sum * 31 + each + 7) >>> 0, seed)
        const isFailing = (some: readonly number[]) => some.length === count || hashed(some) % 3 === 0
        const kept = ddmin(numbers(count), (some) => (isFailing(some) ? some : null))
        expect(isFailing(kept)).toBe(true)
        for (const item of kept) expect(isFailing(kept.filter((other) => other !== item))).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('goes on with what it is answered, where that is fewer than it asked about', () => {
    const asked: (readonly number[])[] = []
    const kept = ddmin(numbers(64), (some) => {
      asked.push(some)
      return some.includes(3) ? [3] : null
    })
    expect(kept).toEqual([3])
    expect(asked.length).toBeLessThan(4)
  })
})
