import { describe, expect, it } from 'vitest'
import { drawColumns, type ToldStep } from '../../../harness/threads/told.ts'

const step = (thread: number, text: string): ToldStep => ({ thread, text, place: null, interrupts: false })
const spin = (thread: number, times: number) => Array.from({ length: times }, () => step(thread, 'load [0] → 0'))
const drawn = (steps: ToldStep[]) => drawColumns(steps, 2).slice(1)

describe('the steps of threads in columns', () => {
  it('show a loop that spins by its first and its last turn, and number all the same', () => {
    expect(drawn([step(0, 'store [0] → 0'), ...spin(1, 1000), step(0, 'store [0] → 1')])).toEqual([
      '   1  store [0] → 0',
      '   2                 load [0] → 0',
      '      … 998 times more',
      '1001                 load [0] → 0',
      '1002  store [0] → 1',
    ])
  })

  it('show a few turns each, and turns of two threads apart', () => {
    expect(drawn(spin(0, 4))).toHaveLength(4)
    expect(drawn([...spin(0, 3), ...spin(1, 3)])).toHaveLength(6)
  })
})
