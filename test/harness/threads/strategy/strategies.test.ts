import { describe, expect, it } from 'vitest'
import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import { switchesOf } from '../../../../harness/threads/shrink.ts'
import { follow } from '../../../../harness/threads/strategy/follow.ts'
import { oneAfterAnother } from '../../../../harness/threads/strategy/one-after-another.ts'
import { preemptionBound } from '../../../../harness/threads/strategy/preemption-bound.ts'
import { priorityChanges } from '../../../../harness/threads/strategy/priority-changes.ts'
import { randomWalk } from '../../../../harness/threads/strategy/random-walk.ts'
import { selectivelyUniform } from '../../../../harness/threads/strategy/selectively-uniform.ts'
import type { Strategy } from '../../../../harness/threads/strategy/strategy.ts'
import { uniformRandomWalk } from '../../../../harness/threads/strategy/uniform-random-walk.ts'
import { firstBug } from '../../../bench/scoreboard/first-bug.ts'
import { programs } from '../../../bench/scoreboard/programs.ts'
import { strategies } from '../../../bench/scoreboard/strategies.ts'
import { adding, chiSquare, play } from './play.ts'

const twice = (memory: Int32Array) => [adding(memory, 0, 0), adding(memory, 0, 0)]
const thrice = (memory: Int32Array) => [adding(memory, 0, 1, 0), adding(memory, 0, 1, 2)]
const choicesOf = ({ choices }: { choices: readonly number[] }) => choices.join('')

describe.each([...strategies])('%s', (_, strategyOf) => {
  it('picks the same with the same seed', () => {
    const picked = () => play(strategyOf(5), 50, thrice).map(choicesOf)
    expect(picked()).toEqual(picked())
  })

  it('runs more than one schedule', () => {
    expect(new Set(play(strategyOf(5), 50, thrice).map(choicesOf)).size).toBeGreaterThan(2)
  })
})

describe('the uniform random walk', () => {
  it('makes every interleaving equally likely once it has a profile', () => {
    const [, ...seen] = play(uniformRandomWalk(1), 8_001, thrice).map(choicesOf)
    // The value that 19 degrees of freedom exceed once in a thousand times.
    expect(chiSquare(seen, 20)).toBeLessThan(43.8)
    const walk = play(randomWalk(1), 8_000, thrice).map(choicesOf)
    expect(chiSquare(walk, 20)).toBeGreaterThan(43.8)
  })
})

describe('one strategy after another', () => {
  it('leaves the schedules behind the first few to the second', () => {
    const always = (at: number): Strategy => ({
      name: 'always',
      begin() {},
      pick: (enabled) => enabled.at(at)!,
      end: () => true,
    })
    const both = oneAfterAnother(always(0), 2, always(-1), 'both')
    const once = (memory: Int32Array) => [adding(memory, 0), adding(memory, 0)]
    expect(play(both, 4, once).map(choicesOf)).toEqual(['01', '01', '10', '10'])
  })
})

describe('the selectively uniform walk', () => {
  it('makes all interleavings at the selected location equally likely, whatever else the threads do', () => {
    const shared = (memory: Int32Array) => [adding(memory, 1, 0, 1, 0), adding(memory, 0, 2, 0, 0, 2, 2)]
    const atShared = (choices: readonly number[]) => {
      const words = [
        [1, 0, 1, 0],
        [0, 2, 0, 0, 2, 2],
      ]
      const at = [0, 0]
      return choices.filter((thread) => words[thread]![at[thread]!++] === 0).join('')
    }
    const [, ...results] = play(selectivelyUniform(1), 6_001, shared)
    expect(
      chiSquare(
        results.map(({ choices }) => atShared(choices)),
        10,
      ),
    ).toBeLessThan(27.9)
  })
})

describe('priority changes', () => {
  it('find a bug of depth 2 as often as is guaranteed', () => {
    const halfWritten = (memory: Int32Array): ThreadBody[] => [
      adding(memory, 0, 1),
      (thread) => {
        const [first, second] = [thread.load(memory, 0), thread.load(memory, 1)]
        if (first === 1 && second === 0) throw new Error('half written')
      },
    ]
    const results = play(priorityChanges(1, 2), 2_000, halfWritten)
    const found = results.filter(({ ending }) => ending === 'thrown').length
    expect(found / results.length).toBeGreaterThanOrEqual(1 / (2 * 4))
  })

  it('let every thread go on in the end, so that one that polls does not run for ever', () => {
    const polling = (memory: Int32Array): ThreadBody[] => [
      (thread) => {
        for (let polls = 0; polls < 1_500 && thread.load(memory, 0) === 0; polls++);
      },
      adding(memory, 0),
    ]
    const lengths = play(priorityChanges(3), 10, polling).map(({ choices }) => choices.length)
    expect(Math.max(...lengths)).toBeLessThan(1_100)
  })
})

describe('the preemption bound', () => {
  it('runs every schedule once, those with fewer preemptions first', () => {
    const seen = play(preemptionBound(), 100, twice).map(choicesOf)
    expect(seen.map((choices) => [...seen].filter((other) => other === choices).length)).toEqual([1, 1, 1, 1, 1, 1])
    expect(seen.slice(0, 2).sort()).toEqual(['0011', '1100'])
    expect(seen.slice(2, 4).sort()).toEqual(['0110', '1001'])
    expect(seen.slice(4).sort()).toEqual(['0101', '1010'])
  })

  it('stops at its bound', () => {
    expect(play(preemptionBound(1), 100, twice)).toHaveLength(4)
    expect(play(preemptionBound(0), 100, twice)).toHaveLength(2)
  })
})

describe('following choices', () => {
  it('repeats a schedule step by step', () => {
    for (const { choices } of play(randomWalk(2), 100, thrice)) {
      expect(play(follow(choices), 1, thrice)[0]?.choices).toEqual(choices)
    }
  })

  it('goes on with the running thread where nothing is given', () => {
    const [result] = play(follow([1]), 10, thrice)
    expect(result?.choices).toEqual([1, 1, 1, 0, 0, 0])
    expect(switchesOf(result!.choices)).toBe(1)
  })
})

describe('the portfolio', () => {
  it.each(['CS/reorder_20', 'CS/twostage', 'ConVul-CVE-Benchmarks/CVE-2017-15265'])('finds the bug of %s', (name) => {
    const program = programs.find((other) => other.name === name)!
    for (let seed = 0; seed < 20; seed++) {
      expect(firstBug(program, strategies.get('portfolio')!(seed), { schedules: 1_000 }), `seed ${seed}`).not.toBeNull()
    }
  })
})
