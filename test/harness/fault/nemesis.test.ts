import { describe, expect, it } from 'vitest'
import { nemesis, planFaults } from '../../../harness/fault/nemesis.ts'
import { reset } from '../../../harness/fault/reset.ts'
import { stall } from '../../../harness/fault/stall.ts'
import { Random } from '../../../harness/random.ts'

const clients = Array.from({ length: 20 }, (_, index) => `c${index}`)
const hit = (seed: number, share: number) => {
  const [planned] = planFaults([nemesis(stall(), { share })], clients, new Random(seed))
  return planned?.clients
}

describe('a nemesis', () => {
  it('refuses a share or times that make no sense', () => {
    expect(() => nemesis(reset(), { share: 0 })).toThrow('expected share to be in (0, 1], got 0')
    expect(() => nemesis(reset(), { share: 1.5 })).toThrow('expected share')
    expect(() => nemesis(reset(), { fromMs: -1 })).toThrow('expected fromMs to be at least 0')
    expect(() => nemesis(reset(), { fromMs: 50, untilMs: 50 })).toThrow(
      'expected untilMs to be above fromMs (50), got 50',
    )
    expect(() => nemesis(reset(), { process: -1 })).toThrow('expected process to be the place of one, from 0, got -1')
    expect(() => nemesis(reset(), { untilMs: Number.NaN })).toThrow('expected untilMs')
  })
})

describe('planFaults', () => {
  it('draws the same clients from the same seed, and others from another', () => {
    expect(hit(7, 0.25)).toEqual(hit(7, 0.25))
    expect(hit(7, 0.25)).not.toEqual(hit(8, 0.25))
  })

  it('hits the share that was asked for, all of them for 1, and never nobody', () => {
    expect((hit(1, 0.25) as ReadonlySet<string>).size).toBe(5)
    expect((hit(1, 0.001) as ReadonlySet<string>).size).toBe(1)
    expect(hit(1, 1)).toBe('all')
  })

  it('draws for each nemesis on its own, so that adding one does not move the others', () => {
    const first = nemesis(stall(), { share: 0.5 })
    const alone = planFaults([first], clients, new Random(3))
    const together = planFaults([first, nemesis(reset(), { share: 0.5 })], clients, new Random(3))
    expect(together[0]).toEqual(alone[0])
  })

  it('keeps the times and the process', () => {
    const plan = planFaults([nemesis(stall(), { fromMs: 10, untilMs: 30, process: 2 })], clients, new Random(1))
    expect(plan).toMatchObject([{ fromMs: 10, untilMs: 30, process: 2 }])
  })
})
