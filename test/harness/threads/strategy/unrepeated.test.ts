import { describe, expect, it } from 'vitest'
import { Random } from '../../../../harness/random.ts'
import type { ThreadBody } from '../../../../harness/threads/replay-fibers.ts'
import type { ScheduleResult } from '../../../../harness/threads/schedule.ts'
import { everyOrder } from '../../../../harness/threads/strategy/every-order.ts'
import { portfolio } from '../../../../harness/threads/strategy/portfolio.ts'
import { randomWalk } from '../../../../harness/threads/strategy/random-walk.ts'
import { unrepeated } from '../../../../harness/threads/strategy/unrepeated.ts'
import { adding, play } from './play.ts'

type Step = readonly ['load' | 'store' | 'swap' | 'wait' | 'notify', word: number, value: number]

const words = ['load', 'store', 'swap', 'wait', 'notify'] as const
const outcomeOf = ({ answers, ending }: ScheduleResult) => JSON.stringify([answers, ending])

/** Two or three threads that do a few random things to two words. */
function draw(random: Random): (memory: Int32Array) => ThreadBody[] {
  const threads = random.integer(2, 3)
  const programs = Array.from({ length: threads }, (_, thread) =>
    Array.from({ length: random.integer(1, 6 - threads) }, (__, at): Step => {
      return [random.pick(words), random.integer(0, 1), thread * 10 + at + 1]
    }),
  )
  return (memory) => programs.map((steps) => bodyOf(steps, memory))
}

function bodyOf(steps: readonly Step[], memory: Int32Array): ThreadBody {
  return (thread) => {
    for (const [does, word, value] of steps) {
      if (does === 'load') thread.load(memory, word)
      else if (does === 'store') thread.store(memory, word, value)
      else if (does === 'swap') thread.compareExchange(memory, word, 0, value)
      else if (does === 'wait') thread.wait(memory, word, 0, 1)
      else thread.notify(memory, word, 1)
    }
  }
}

describe('unrepeated schedules', () => {
  it('reach every outcome before they end, in no more schedules than there are orders', () => {
    const random = new Random('unrepeated')
    for (let program = 0; program < 200; program++) {
      const threads = draw(random)
      const every = play(everyOrder(), 3_000, threads)
      if (every.length === 3_000) continue
      const seen = play(unrepeated(randomWalk(program)), 3_000, threads)
      expect(new Set(seen.map(outcomeOf))).toEqual(new Set(every.map(outcomeOf)))
      expect(seen.length).toBeLessThanOrEqual(every.length)
    }
  })

  it('are far fewer than the orders of threads that have little in common', () => {
    const threads = (memory: Int32Array) => [adding(memory, 0, 1, 0), adding(memory, 2, 2, 0), adding(memory, 3, 3)]
    const orders = play(everyOrder(), 10_000, threads).length
    expect(orders).toBe(560)
    expect(play(unrepeated(randomWalk(1)), 10_000, threads).length).toBeLessThan(orders / 5)
  })

  it('end the portfolio once all that can happen has been seen', () => {
    const apart = (memory: Int32Array) => [adding(memory, 0, 0), adding(memory, 1, 1)]
    expect(play(portfolio(1), 100, apart).length).toBeLessThanOrEqual(6)
  })

  it('go on when there are more than can be remembered', () => {
    const long = (memory: Int32Array) => [
      adding(memory, ...Array.from({ length: 60 }, () => 0)),
      adding(memory, ...Array.from({ length: 60 }, () => 0)),
    ]
    expect(play(unrepeated(randomWalk(1)), 2_000, long)).toHaveLength(2_000)
  })
})
