import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../harness/check/verdict.ts'
import { kindOfFailure } from '../../../../harness/explore/shrink/same-failure.ts'

const kind = (check: string, message: string) => kindOfFailure({ check, message, clients: [], evidence: [] } as Finding)

describe('the kind of a failure', () => {
  it.each([
    ['figures', 'Error: 2 of 40 lines came', 'Error: 31 of 40 lines came'],
    ['texts in quotes', 'expected \'a\' to be "b"', 'expected \'long text\' to be "other"'],
    ['lists', 'expected [ 201, 201 ] to equal [ 201, 409 ]', 'expected [ 409, 409 ] to equal [ 201, 409 ]'],
    [
      'names made up by chance',
      'no session 134b4ba7-a3d4-4d9e-8e36-c7c56d7e078a',
      'no session df34500b-45d1-4a49-85d0-7307e995693d',
    ],
    ['numbered names', 'plan plan-r1-2#ee69cfff is gone', 'plan plan-r1-13#61142482 is gone'],
    ['what follows the first line', 'wrong\n- 1\n+ 2', 'wrong\n- 5'],
  ])('is the same for assertions that differ in %s', (_, one, other) => {
    expect(kind('assertion', one)).toBe(kind('assertion', other))
  })

  it.each([
    ['of other words', 'Error: the plan is gone', 'Error: the plan is late'],
    ['of another class', 'TypeError: the plan is gone', 'RangeError: the plan is gone'],
  ])('tells assertions apart that are %s', (_, one, other) => {
    expect(kind('assertion', one)).not.toBe(kind('assertion', other))
  })

  it('is the check alone, where checks tell one promise that is broken', () => {
    expect(kind('delivery', 'c0 saw event 3 twice')).toBe(kind('delivery', 'event 4 was lost'))
    expect(kind('delivery', 'x')).not.toBe(kind('progress', 'x'))
  })

  it('does not take one unforeseen error for another', () => {
    const uncaught = (error: string) => `process 'server' threw an error that nobody caught at 12 ms: ${error}`
    expect(kind('server-errors', uncaught('TypeError: x is null'))).not.toBe(
      kind('server-errors', uncaught('Error: write EPIPE')),
    )
  })
})
