import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { certainRounds, roundsNeeded, steadyGrowth } from '../../../harness/check/growth.ts'

/** How large a pool is after each round, if it is filled as it is needed. */
function filledBy(demands: readonly number[]): number[] {
  return demands.map((_, round) => Math.max(...demands.slice(0, round + 1)))
}

describe('steadyGrowth', () => {
  it('finds the exact slope of a leak that never varies', () => {
    expect(steadyGrowth(0, [500, 1000, 1500])).toEqual({ perRound: 500, low: 500, high: 500, rounds: 3 })
  })

  it("gives the interval of the least-squares slope by Student's t", () => {
    // Checked by hand: slope 99, residual sum of squares 45, two degrees of freedom, t = 4.303.
    const { perRound, low, high } = steadyGrowth(90, [100, 205, 295, 400])!
    expect(perRound).toBeCloseTo(99)
    expect(high - perRound).toBeCloseTo(4.303 * Math.sqrt(45 / 2 / 5), 3)
    expect(perRound - low).toBeCloseTo(high - perRound)
  })

  it('needs three rounds, each above the one before, the first above the baseline', () => {
    expect(steadyGrowth(0, [500, 1000])).toBeNull()
    expect(steadyGrowth(500, [500, 1000, 1500])).toBeNull()
    expect(steadyGrowth(0, [500, 1000, 1000])).toBeNull()
    expect(steadyGrowth(0, [500, 1000, 1500, 1400])).toBeNull()
  })

  it('says for how many rounds, one after the other, the count has risen', () => {
    const roundsOf = (counts: number[]) => steadyGrowth(10, counts)?.rounds
    expect(roundsOf([20, 30, 40])).toBe(3)
    expect(roundsOf([20, 30, 40, 50, 60, 70])).toBe(6)
    expect(roundsOf([20, 20, 30, 40, 50, 60])).toBe(4)
    expect(roundsOf([40, 30, 40, 50, 60, 70, 80])).toBe(5)
  })

  it('goes on for as long as in a leak in hardly any pool that is as large as the largest demand so far', () => {
    const demands = fc.array(fc.nat({ max: 1_000_000 }), { minLength: 6, maxLength: 12 })
    const runs = fc.sample(demands, { numRuns: 20_000, seed: 1 }).map((all) => filledBy(all))
    const longest = runs.map((pool) =>
      Math.max(...pool.map((_, round) => steadyGrowth(0, pool.slice(0, round + 1))?.rounds ?? 0)),
    )
    const share = (rounds: number) => longest.filter((risen) => risen >= rounds).length / runs.length
    expect(share(roundsNeeded)).toBeGreaterThan(0.02)
    expect(share(certainRounds)).toBeLessThan(0.002)
  })

  it('does not take growth for steady that is all over the place', () => {
    expect(steadyGrowth(0, [1, 2, 100])).toBeNull()
  })

  it('forgets the warm-up, however long it was, as soon as the count stays', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1000 }), { maxLength: 10 }), fc.nat(), (warmUp, plateau) => {
        expect(steadyGrowth(0, [...warmUp, plateau, plateau, plateau])).toBeNull()
      }),
    )
  })

  it('finds any leak of the same size in every round, behind any warm-up', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 6, max: 20 }),
        (start, leak, rounds) => {
          const counts = Array.from({ length: rounds }, (_, round) => start * 10 + leak * round)
          expect(steadyGrowth(start, counts)?.perRound).toBeCloseTo(leak)
        },
      ),
    )
  })

  it('finds no leak in noise around a constant, but for the share of its confidence', () => {
    const noisy = fc.array(fc.integer({ min: 20, max: 30 }), { minLength: 3, maxLength: 8 })
    const samples = fc.sample(noisy, { numRuns: 2000, seed: 1 })
    const alarms = samples.filter((counts) => steadyGrowth(25, counts) !== null)
    expect(alarms.length / samples.length).toBeLessThan(0.025)
  })
})
