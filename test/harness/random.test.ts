import { describe, expect, it } from 'vitest'
import { Random } from '../../harness/random.ts'

const draws = (random: Random, count = 8) => Array.from({ length: count }, () => random.bits())

describe('Random', () => {
  it('gives the same numbers for the same seed', () => {
    expect(draws(new Random(7))).toEqual(draws(new Random(7)))
    expect(draws(new Random(7))).not.toEqual(draws(new Random(8)))
  })

  it('gives these numbers on every machine and version', () => {
    expect(draws(new Random(1), 4)).toEqual([960204798, 3457063772, 3457362119, 1959548370])
  })

  it('forks a source that does not depend on what was drawn before', () => {
    const early = new Random(3)
    const late = new Random(3)
    draws(late, 100)
    expect(draws(early.fork('faults'))).toEqual(draws(late.fork('faults')))
  })

  it('forks different sources for different roles, and for a role within a role', () => {
    const random = new Random(3)
    expect(draws(random.fork('a'))).not.toEqual(draws(random.fork('b')))
    expect(draws(random.fork('a').fork('b'))).not.toEqual(draws(random.fork('b').fork('a')))
  })

  it('reaches both ends of a range and nothing outside', () => {
    const random = new Random(5)
    const seen = new Set(Array.from({ length: 400 }, () => random.integer(-1, 2)))
    expect([...seen].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2])
  })

  it('spreads its bits evenly', () => {
    const random = new Random(11)
    const ones = new Array<number>(32).fill(0)
    const samples = 4000
    for (let sample = 0; sample < samples; sample++) {
      const bits = random.bits()
      for (let bit = 0; bit < 32; bit++) ones[bit]! += (bits >>> bit) & 1
    }
    // Five standard deviations of a fair coin; the seed is fixed, so that this is no lottery.
    for (const count of ones) expect(Math.abs(count - samples / 2)).toBeLessThan(5 * Math.sqrt(samples / 4))
  })

  it('shuffles into every order about equally often, and leaves its input alone', () => {
    const random = new Random(2)
    const input = Object.freeze(['a', 'b', 'c'])
    const counts = new Map<string, number>()
    for (let round = 0; round < 6000; round++) {
      const order = random.shuffle(input).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })

  it('says what is wrong when there is nothing to pick from', () => {
    expect(() => new Random(1).pick([])).toThrow('pick() expects at least one item, got none')
  })
})
