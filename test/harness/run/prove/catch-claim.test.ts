import { describe, expect, it } from 'vitest'
import { type Measured, proofOf } from '../../../../harness/run/prove/catch-claim.ts'
import { claim } from './proofs.ts'

const needed = { replays: 20, within: '10,000 schedules' }

function measured(change: Partial<Measured> = {}): Measured {
  const found = [4, 1, 9].map((took) => ({ took, checks: ['survival'] }))
  const passes = 'schedule 1 of seed 1'
  return { scenario: 'seat-reservation', found, holds: 1, replayed: 20, workers: null, passes, ...change }
}

function seeds(hits: number, misses: number, checks: string[] = []): Measured['found'] {
  const hit = { took: 2, checks: ['survival'] }
  return [...Array(hits).fill(hit), ...Array(misses).fill({ took: 10_000, checks })]
}

describe('a defect is caught', () => {
  it('when every seed found it by a check that may catch it', () => {
    const proof = proofOf(claim(), measured(), needed)
    expect(proof).toMatchObject({ caught: true, missing: null, by: ['survival'], seeds: 3, found: 3 })
    expect(proof.schedulesMedian).toBe(4)
    expect(proof.command).toBe('raceproof run seat-reservation --world sim --defect check-then-act')
  })

  it('when one of twenty seeds missed it, and not when two did', () => {
    expect(proofOf(claim(), measured({ found: seeds(19, 1) }), needed).caught).toBe(true)
    expect(proofOf(claim(), measured({ found: seeds(18, 2) }), needed).caught).toBe(false)
    expect(proofOf(claim(), measured({ found: seeds(4, 1) }), needed).caught).toBe(false)
  })
})

describe('a defect is missed', () => {
  it('when only a check fired that may not catch it, which is named', () => {
    const { caught, by, missing } = proofOf(claim(), measured({ found: seeds(0, 3, ['delivery']) }), needed)
    expect({ caught, by }).toEqual({ caught: false, by: [] })
    expect(missing).toBe(
      'seat-reservation found it with 0 of 3 seeds within 10,000 schedules; what fired instead: delivery',
    )
  })

  it('when real workers did otherwise, and says where', () => {
    const told = 'not confirmed on real workers: they went another way, step 4 was a load'
    const { caught, missing, workers } = proofOf(claim(), measured({ workers: { confirmed: false, told } }), needed)
    expect({ caught, missing, workers }).toEqual({ caught: false, missing: told, workers: { confirmed: false, told } })
    const same = measured({ workers: { confirmed: true, told: 'confirmed on real workers' } })
    expect(proofOf(claim(), same, needed).caught).toBe(true)
  })

  it('when its failure is not the same each time it is replayed', () => {
    const { missing } = proofOf(claim(), measured({ replayed: 19 }), needed)
    expect(missing).toBe('its smallest failure was the same in only 19 of 20 replays')
  })

  it('when its failure could not be repeated at all', () => {
    expect(proofOf(claim(), measured({ replayed: null }), needed).missing).toContain('could not be repeated')
  })

  it('when it is marked as a race and no order passes', () => {
    expect(proofOf(claim(), measured({ passes: null }), needed).missing).toContain('every order that was tried fails')
    expect(proofOf(claim({ race: false }), measured({ passes: null }), needed).caught).toBe(true)
  })

  it('when no scenario races it in that world', () => {
    const { missing, seeds: tried, schedulesMedian } = proofOf(claim(), null, needed)
    expect(missing).toBe("no scenario that races it could be run in the world 'sim'")
    expect({ tried, schedulesMedian }).toEqual({ tried: 0, schedulesMedian: null })
  })
})
