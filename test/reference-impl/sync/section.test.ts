import { describe, expect, it } from 'vitest'
import { Section } from '../../../reference-impl/sync/section.ts'

/** Names that tell which one was made first. */
function names(): () => string {
  let made = 0
  return () => `owner ${++made}`
}

describe('the owner of a section', () => {
  it('is that of the outermost one around it, whichever lock that holds', () => {
    const makeId = names()
    const outer = new Section({})
    const owner = outer.owner(makeId)
    outer.contain(() => expect(new Section({}).owner(makeId)).toBe(owner))
    expect(new Section({}).owner(makeId)).not.toBe(owner)
  })

  it('is made inside, when nobody asked for it before its code ran', () => {
    const makeId = names()
    const [outer, inner] = [new Section({}), new Section({})]
    outer.contain(() => inner.contain(() => expect(inner.owner(makeId)).toBe('owner 1')))
    expect(outer.owner(makeId)).toBe('owner 1')
  })

  it('does not come from a section that has ended', () => {
    const makeId = names()
    const [outer, inner] = [new Section({}), new Section({})]
    outer.contain(() => {
      outer.owner(makeId)
      outer.close()
      inner.contain(() => expect(inner.owner(makeId)).toBe('owner 2'))
    })
  })
})
