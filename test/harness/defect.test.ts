import { describe, expect, it } from 'vitest'
import { type DefectAbout, defect, partsWith } from '../../harness/defect.ts'

class Counter {
  value = 0
  add(): number {
    return ++this.value
  }
}
class Other {}
const parts = { Counter, Other }
const about: DefectAbout = {
  source: 'a report',
  wrong: 'adds nothing',
  caughtBy: ['linearizable'],
  worlds: ['sim', 'live'],
  scenarios: [],
}
const lazyCounter = defect(
  'lazy-counter',
  Counter,
  about,
  (Correct) =>
    class extends Correct {
      override add(): number {
        return this.value // DEFECT: nothing is added.
      }
    },
)

describe('partsWith', () => {
  it('replaces the one part that the defect is about', () => {
    const replaced = partsWith(parts, lazyCounter, 'server')
    expect(new replaced.Counter().add()).toBe(0)
    expect(replaced.Other).toBe(Other)
    expect(new parts.Counter().add()).toBe(1)
  })

  it('leaves the parts alone without a defect, and on the other side', () => {
    expect(partsWith(parts, null, 'server')).toBe(parts)
    expect(partsWith(parts, lazyCounter, 'client')).toBe(parts)
  })

  it('says which part is missing when the target does not have it', () => {
    expect(() => partsWith({ Other }, lazyCounter, 'server')).toThrow(
      "defect 'lazy-counter' replaces Counter, which is not among the target's parts (Other)",
    )
  })
})
