import { expect, it } from 'vitest'
import { known, nearest } from '../../harness/nearest.ts'

const names = ['rapid-create-delete', 'state-storm', 'slow-reader-cleanup']

it.each([
  ['state-strom', 'state-storm'],
  ['rapid-create-deletes', 'rapid-create-delete'],
  ['rapid', 'rapid-create-delete'],
  ['sl', undefined],
  ['tally', undefined],
])('takes %s to mean %s', (word, meant) => {
  expect(nearest(word, names)).toBe(meant)
})

it('says what is known, also when that is nothing', () => {
  expect(known('state-strom', names)).toBe(` Did you mean 'state-storm'? Known: ${names.join(', ')}.`)
  expect(known('x', [])).toBe(' Known: none.')
})
