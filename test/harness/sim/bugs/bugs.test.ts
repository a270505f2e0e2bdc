import '../../../../harness/register.ts'
import { describe, expect, it } from 'vitest'
import { allBugs } from './all-bugs.ts'
import { schedulesToBug } from './schedules-to-bug.ts'

describe.each(allBugs)('$name', ({ defective, correct }) => {
  it('is found by the portfolio within 300 schedules, for each of ten seeds', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const found = await schedulesToBug(defective, { strategy: 'portfolio', seed, most: 300 })
      expect({ seed, found }).toEqual({ seed, found: expect.any(Number) })
    }
  })

  it('does not show in natural order, so that a test that runs once would pass', async () => {
    expect(await schedulesToBug(defective, { strategy: 'natural', seed: 1, most: 1 })).toBeNull()
  })

  it('is not found where it was mended', async () => {
    expect(await schedulesToBug(correct, { strategy: 'portfolio', seed: 1, most: 400 })).toBeNull()
  })
})
