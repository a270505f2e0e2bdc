import { describe, expect, it } from 'vitest'
import { type Attempt, shrink, switchesOf } from '../../../harness/threads/shrink.ts'
import { follow } from '../../../harness/threads/strategy/follow.ts'
import { partialOrderSampling } from '../../../harness/threads/strategy/partial-order-sampling.ts'
import { runOnce } from '../../bench/scoreboard/first-bug.ts'
import type { Program } from '../../bench/scoreboard/program.ts'
import { programs } from '../../bench/scoreboard/programs.ts'

const named = (name: string) => programs.find((program) => program.name === name)!

function attempting(program: Program): Attempt {
  return (strategy) => {
    const { result, hasBug } = runOnce(program, strategy)
    return hasBug ? result.choices : null
  }
}

/** The choices of the first failing schedules of a program. */
function failures(program: Program, count: number): (readonly number[])[] {
  const found: (readonly number[])[] = []
  const strategy = partialOrderSampling(1)
  while (found.length < count) {
    const choices = attempting(program)(strategy)
    if (choices !== null) found.push(choices)
  }
  return found
}

describe('shrinking', () => {
  it.each([
    ['CS/twostage', 1],
    ['CS/twostage_20', 1],
    ['CS/reorder_5', 1],
    ['CS/bluetooth_driver', 2],
    ['CS/deadlock01', 1],
  ])('brings every failure of %s down to at most %i switches', (name, switches) => {
    const program = named(name)
    for (const choices of failures(program, 10)) {
      const shrunk = shrink(attempting(program), choices)
      expect(shrunk.switches).toBeLessThanOrEqual(switches)
      expect(shrunk.switches).toBe(switchesOf(shrunk.choices))
    }
  })

  it('ends with the same choices for the same failure, which fail 100 times of 100', () => {
    const program = named('CS/bluetooth_driver')
    const [choices] = failures(program, 1)
    const shrunk = shrink(attempting(program), choices!)
    expect(shrink(attempting(program), choices!)).toEqual(shrunk)
    for (let replay = 0; replay < 100; replay++) {
      expect(attempting(program)(follow(shrunk.choices))).toEqual(shrunk.choices)
    }
  })

  it('runs no more schedules than it may', () => {
    const program = named('CS/twostage_20')
    const [choices] = failures(program, 1)
    expect(shrink(attempting(program), choices!, { schedules: 7 }).schedules).toBe(7)
  })

  it('refuses choices that do not fail', () => {
    expect(() => shrink(attempting(named('CS/twostage')), [0, 0, 0])).toThrow('do not fail when they are replayed')
  })
})
