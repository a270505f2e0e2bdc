import { describe, expect, it } from 'vitest'
import { Backoff } from '../../../../reference-impl/pipeline/client/backoff.ts'

const delays = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.nextMs())

describe('Backoff', () => {
  it('doubles from attempt to attempt up to the cap', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1000, random: () => 1 })
    expect(delays(backoff, 6)).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  it('draws half of each delay, so that clients that failed together do not come back together', () => {
    const draws = [0, 0.25, 0.999]
    const backoff = new Backoff({ firstMs: 100, capMs: 100, random: () => draws.shift() ?? 0 })
    expect(delays(backoff, 3)).toEqual([50, 62.5, 99.95])
  })

  it('waits at least as long as the server asked for', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1000, random: () => 0 })
    expect(backoff.nextMs(7000)).toBe(7000)
    expect(backoff.nextMs(1)).toBe(100)
  })

  it('starts anew after a success', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1000, random: () => 1 })
    delays(backoff, 4)
    backoff.reset()
    expect(backoff.nextMs()).toBe(100)
  })

  it('stays at the cap however many attempts fail', () => {
    const backoff = new Backoff({ firstMs: 100, capMs: 1000, random: () => 1 })
    expect(delays(backoff, 2000).at(-1)).toBe(1000)
  })
})
