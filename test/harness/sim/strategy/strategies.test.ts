import '../../../../harness/register.ts'
import { stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { fromMacrotask } from '../../../../harness/explore/explore-subject.ts'
import { functionSubject } from '../../../../harness/explore/function-subject.ts'
import { profileOf, SchedulePlan } from '../../../../harness/explore/schedule-plan.ts'
import { SimEvent } from '../../../../harness/sim/core/event.ts'
import { Lane } from '../../../../harness/sim/core/lane.ts'
import { SimNode } from '../../../../harness/sim/core/node.ts'
import { type Simulated, simulateNow } from '../../../../harness/sim/simulate.ts'
import { delayBounded } from '../../../../harness/sim/strategy/delay-bounded.ts'
import { earliest, natural } from '../../../../harness/sim/strategy/natural.ts'
import { isStrategyName, strategiesNamed, strategyNames } from '../../../../harness/sim/strategy/strategies.ts'
import type { Profile, Strategy, StrategyMaker } from '../../../../harness/sim/strategy/strategy.ts'
import { uniformRandomWalk } from '../../../../harness/sim/strategy/surw.ts'
import { schedulesToBug } from '../bugs/schedules-to-bug.ts'
import { starvedAnswer } from '../bugs/starved-answer.ts'
import { keepAliveProgram } from '../programs.ts'

function play<T>(program: Simulated<T>, strategy: Strategy, seed = 1) {
  return fromMacrotask(() => simulateNow(program, { seed, strategy }))
}

async function profile(program: Simulated<unknown>): Promise<Profile> {
  return profileOf(await play(program, natural()))
}

/** All makers of all names but the search through all orders. */
const makers = new Map(
  strategyNames.flatMap((name) =>
    (strategiesNamed(name) ?? []).map((maker): [string, StrategyMaker] => [maker.name, maker]),
  ),
)

describe.each([...makers.values()])('the strategy $name', (maker) => {
  it('picks the same for the same seed, also after others', async () => {
    const known = await profile(keepAliveProgram)
    const first = await play(keepAliveProgram, maker.make(7, known))
    await play(keepAliveProgram, maker.make(8, known))
    expect((await play(keepAliveProgram, maker.make(7, known))).choices).toEqual(first.choices)
  })

  it('picks one of the events that can happen, and leaves their list alone', async () => {
    const strategy = maker.make(3, await profile(keepAliveProgram))
    let picks = 0
    const watched: Strategy = {
      name: strategy.name,
      pick(enabled, step) {
        const before = [...enabled]
        const event = strategy.pick(enabled, step)
        expect(before).toContain(event)
        expect(enabled).toEqual(before)
        picks++
        return event
      },
    }
    const { status } = await play(keepAliveProgram, watched)
    expect({ status, picks: picks > 30 }).toEqual({ status: 'done', picks: true })
  })
})

describe('strategies', () => {
  it('try different orders for different seeds', async () => {
    const known = await profile(keepAliveProgram)
    for (const maker of makers.values()) {
      const orders = new Set<string>()
      for (let seed = 1; seed <= 12; seed++)
        orders.add((await play(keepAliveProgram, maker.make(seed, known))).choices.join())
      expect({ name: maker.name, several: orders.size > 3 }).toEqual({
        name: maker.name,
        several: maker.name !== 'natural',
      })
    }
  })

  it('are known by name, of two families with a figure', () => {
    expect(strategyNames.every(isStrategyName)).toBe(true)
    expect(strategiesNamed('pct:2')?.map(({ name }) => name)).toEqual(['pct:2'])
    expect(strategiesNamed('delay:12')?.map(({ name }) => name)).toEqual(['delay:12'])
    expect(['', 'nonsense', 'random:2', 'pct:0', 'pct:-1', 'pct:two', 'constructor'].filter(isStrategyName)).toEqual([])
  })
})

describe('the portfolio', () => {
  it('is played by turns, after the natural order', () => {
    const portfolio = strategiesNamed('portfolio')!
    const subject = functionSubject(keepAliveProgram, { name: 'any', leftovers: false })
    const plan = new SchedulePlan(subject, { seed: 1, strategies: portfolio })
    const names = Array.from({ length: 1 + 2 * portfolio.length }, (_, index) => plan.strategyAt(index))
    const turn = portfolio.map(({ name }) => name)
    expect(names).toEqual(['natural', ...turn, ...turn])
    expect(new Set(turn)).toEqual(new Set(['random', 'delay:2', 'delay:3', 'pos', 'surw', 'pct:2', 'pct:3']))
  })
})

describe('PCT', () => {
  it('finds the event that starves behind a chain within a few dozen schedules, where a random walk looks in vain', async () => {
    const within = { seed: 1, most: 60 }
    let [byPct, byWalk] = [0, 0]
    for (let seed = 1; seed <= 10; seed++) {
      if ((await schedulesToBug(starvedAnswer.defective, { ...within, seed, strategy: 'pct:2' })) !== null) byPct++
      if ((await schedulesToBug(starvedAnswer.defective, { ...within, seed, strategy: 'random' })) !== null) byWalk++
    }
    expect(byPct).toBe(10)
    expect(byWalk).toBeLessThan(3)
  })

  it('does not starve a program for ever that polls for what another lane does', async () => {
    const poller: Simulated<number> = async () => {
      let isDone = false
      let polls = 0
      stat('/nowhere').catch(() => {
        isDone = true
      })
      while (!isDone) {
        polls++
        await new Promise((resolve) => setImmediate(resolve))
      }
      return polls
    }
    const known = await profile(poller)
    for (let seed = 1; seed <= 20; seed++) {
      const { status } = await play(poller, strategiesNamed('pct:3')![0]!.make(seed, known))
      expect({ seed, status }).toEqual({ seed, status: 'done' })
    }
  })
})

describe('delay-bounded scheduling', () => {
  /** How often a strategy turned from the natural order to another lane than the one it kept back before. */
  function counting(strategy: Strategy): Strategy & { readonly delayed: ReadonlySet<string> } {
    const delayed = new Set<string>()
    return {
      name: strategy.name,
      delayed,
      pick(enabled: readonly SimEvent[], step: number) {
        const event = strategy.pick(enabled, step)
        if (event !== earliest(enabled)) delayed.add(earliest(enabled).lane.key)
        return event
      },
    }
  }

  it.each([1, 2, 3])('holds back no more than %i lanes', async (delays) => {
    const known = await profile(keepAliveProgram)
    let most = 0
    for (let seed = 1; seed <= 60; seed++) {
      const strategy = counting(delayBounded(delays).make(seed, known))
      await play(keepAliveProgram, strategy)
      most = Math.max(most, strategy.delayed.size)
    }
    expect(most).toBe(delays)
  })
})

describe('SURW', () => {
  it('draws all orders of three lanes of unequal lengths evenly, where a random walk does not', () => {
    const lengths = { a: 4, b: 1, c: 1 }
    const known: Profile = { steps: 6, eventsByLane: new Map(Object.entries(lengths)) }
    const runs = 6000
    const even = countOrders(lengths, runs, (seed) => uniformRandomWalk(seed, known))
    const uneven = countOrders(lengths, runs, (seed) => strategiesNamed('random')![0]!.make(seed, known))
    expect(even.size).toBe(30)
    // With 29 degrees of freedom chance alone goes beyond 58 once in a thousand times.
    expect(chiSquare([...even.values()], runs / 30)).toBeLessThan(58)
    expect(chiSquare([...uneven.values()], runs / 30)).toBeGreaterThan(500)
  })
})

/** How often each order of the lanes' events comes, when any lane may go on at any time. */
function countOrders(lengths: object, runs: number, make: (seed: number) => Strategy): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (let seed = 1; seed <= runs; seed++) {
    const order = urnOrder(lengths, make(seed))
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  return counts
}

function urnOrder(lengths: object, strategy: Strategy): string {
  const node = new SimNode('urn')
  const lanes = Object.entries(lengths).map(([name, length]) => {
    const lane = new Lane(name, node, 'poll')
    for (let place = 0; place < length; place++) lane.push(new SimEvent(lane, place, 0, { label: '', run: () => {} }))
    return lane
  })
  let order = ''
  for (let left = lanes; left.length > 0; left = left.filter((lane) => !lane.isEmpty)) {
    const event = strategy.pick(
      left.map(({ head }) => head!),
      order.length,
    )
    event.waiting = false
    event.lane.drop()
    order += event.lane.key
  }
  return order
}

/** How far counts are from equal ones; about their number when only chance is at work. */
function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}
