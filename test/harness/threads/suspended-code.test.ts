import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, test } from 'vitest'
import { Engine } from '../../../harness/threads/engine.ts'
import { exploreThreads } from '../../../harness/threads/explore-threads.ts'
import { runSchedule, type ThreadBody } from '../../../harness/threads/replay-fibers.ts'
import type { ScheduleOptions } from '../../../harness/threads/schedule.ts'
import { SharedMemory } from '../../../harness/threads/shared-memory.ts'
import { randomWalk } from '../../../harness/threads/strategy/random-walk.ts'

const setup = () => new Int32Array(new SharedArrayBuffer(8))

describe('code that waits for its turn', () => {
  test('takes back what its finally clauses write when it is suspended', async () => {
    const announce = (words: Int32Array) => {
      try {
        Atomics.store(words, 0, 1)
      } finally {
        words[1] = 1
      }
    }
    const look = (words: Int32Array) => {
      const before = Atomics.load(words, 0)
      return [before, words[1]].join()
    }
    const { outcomes } = await exploreThreads(
      { setup, threads: [announce, look, look] },
      { strategy: 'random', schedules: 300 },
    )
    const seen = new Set(outcomes.flatMap(([, ...looks]) => looks))
    expect([...seen].sort()).toEqual(['0,0', '1,1'])
  })

  test('draws nothing in its finally clauses when it is suspended', async () => {
    const draw = (words: Int32Array) => {
      let time = 0
      let number = 0
      try {
        Atomics.add(words, 0, 1)
        time = Date.now()
      } finally {
        number = Math.random()
      }
      return [time >= 1, number < 1].join()
    }
    const { outcomes } = await exploreThreads(
      { setup, threads: [draw, draw] },
      { strategy: 'exhaustive', schedules: 100 },
    )
    expect(outcomes).toEqual([['true,true', 'true,true']])
  })

  test('keeps its async context to itself', async () => {
    const storage = new AsyncLocalStorage<string>()
    const inside = (words: Int32Array) => {
      return storage.run('inside', () => {
        Atomics.add(words, 0, 1)
        Atomics.add(words, 0, 1)
        return storage.getStore()
      })
    }
    const outside = (words: Int32Array) => {
      Atomics.add(words, 0, 1)
      return [storage.getStore(), Atomics.add(words, 0, 1) >= 0, storage.getStore()].join()
    }
    const { outcomes } = await exploreThreads(
      { setup, threads: [inside, outside, inside, outside] },
      { strategy: 'random', schedules: 300 },
    )
    expect(outcomes).toEqual([['inside', ',true,', 'inside', ',true,']])
  })

  test('does the same on the stack as when it is run again', () => {
    for (let seed = 0; seed < 200; seed++) {
      const again = schedule(seed, {})
      const stacked = schedule(seed, { above: (thread) => thread.advance() })
      expect(stacked).toEqual(again)
    }
  })
})

/** One schedule of four threads that sleep, are called, and change plain memory between their operations. */
function schedule(seed: number, how: ScheduleOptions): unknown {
  const memory = new SharedMemory()
  const buffer = new SharedArrayBuffer(16)
  memory.add(buffer)
  const words = new Int32Array(buffer)
  const body: ThreadBody = (thread) => {
    const seen: (number | undefined)[] = []
    for (let round = 0; round < 3; round++) {
      const mine = thread.add(words, 0, 1)
      words[1] = words[1]! + mine
      if (mine % 3 === 0) thread.wait(words, 2, 0, 10)
      thread.notify(words, 2)
      seen.push(thread.exchange(words, 3, mine), words[1])
    }
    return seen
  }
  const { ending, choices, answers, returned } = runSchedule(
    new Engine(),
    Array.from({ length: 4 }, () => body),
    randomWalk(seed),
    { ...how, memory },
  )
  return { ending, choices, answers, returned, words: [...words] }
}
