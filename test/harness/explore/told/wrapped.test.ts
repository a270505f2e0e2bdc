import fc from 'fast-check'
import { expect, it } from 'vitest'
import { width, wrapped } from '../../../../harness/explore/told/wrapped.ts'

const word = fc.stringMatching(/^[a-z]{1,30}$/)

it('breaks a text between words, keeps all of them, and stays within the width', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
      const lines = wrapped(words.join(' '), 2, 4)
      expect(lines.join(' ').split(/\s+/).filter(Boolean)).toEqual(words)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
      expect(lines[0]).toMatch(/^ {2}\S/)
      for (const line of lines.slice(1)) expect(line).toMatch(/^ {4}\S/)
    }),
  )
})

it('leaves a word alone that is wider than a line', () => {
  const path = `/${'x'.repeat(150)}`
  expect(wrapped(`see ${path} there`, 0)).toEqual(['see', path, 'there'])
})
