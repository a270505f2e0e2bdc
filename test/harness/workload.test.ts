import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallAbandoned } from '../../harness/history/recorder.ts'
import { Random } from '../../harness/random.ts'
import type { Crowd, ScriptContext } from '../../harness/scenario.ts'
import { draw, operation, workload } from '../../harness/workload.ts'

interface Store {
  id: string
  did: string[]
}

const operations = {
  put: operation<Store, number>({
    weight: 3,
    input: fc.integer({ min: 0, max: 9 }),
    run: async (store, n) => store.did.push(`put ${n}`),
  }),
  get: operation<Store, null>({ weight: 1, input: fc.constant(null), run: async (store) => store.did.push('get') }),
}

/** The part of a crowd that a workload uses, in one process. */
function contextOf(stores: Store[], seed: number): ScriptContext<Store> {
  const attempt = (action: (store: Store, index: number) => Promise<unknown>) => Promise.all(stores.map(action))
  const crowd = { size: stores.length, attempt } as unknown as Crowd<Store>
  return { crowd, random: new Random(seed), takesPart: () => true } as unknown as ScriptContext<Store>
}

const stores = () => [0, 1, 2].map((index): Store => ({ id: `c${index}`, did: [] }))

describe('workload', () => {
  it('does the same for the same seed, and something else for another', async () => {
    const [first, again, other] = [stores(), stores(), stores()]
    const script = workload(operations, { perClient: 20 })
    await script(contextOf(first, 1))
    await script(contextOf(again, 1))
    await script(contextOf(other, 2))
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
    expect(first.every(({ did }) => did.length === 20)).toBe(true)
  })

  it('gives each client operations of its own', async () => {
    const crowd = stores()
    await workload(operations, { perClient: 20 })(contextOf(crowd, 1))
    expect(new Set(crowd.map(({ did }) => did.join())).size).toBe(3)
  })

  it('goes on after an operation that failed', async () => {
    const crowd = stores()
    const failing = {
      ...operations,
      get: operation<Store, null>({ ...operations.get, run: () => Promise.reject(new Error('409')) }),
    }
    await workload(failing, { perClient: 30 })(contextOf(crowd, 1))
    expect(crowd.every(({ did }) => did.length > 0 && did.length < 30)).toBe(true)
  })

  it('stops once the harness gives up what is open', async () => {
    const crowd = stores()
    const ended = operation<Store, null>({ ...operations.get, run: () => Promise.reject(new CallAbandoned()) })
    const script = workload({ put: operations.put, get: ended }, { perClient: 30 })
    await expect(script(contextOf(crowd, 1))).rejects.toThrow(CallAbandoned)
  })
})

describe('draw', () => {
  it('draws by weight', () => {
    const drawn = draw(operations, 2000, new Random(4))
    const puts = drawn.filter(({ f }) => f === 'put').length
    expect(Math.abs(puts - 1500)).toBeLessThan(100)
  })

  it('refuses a weight that is none, by name', () => {
    const wrong = { put: { ...operations.put, weight: 0 } }
    expect(() => draw(wrong, 1, new Random(1))).toThrow(
      "operation 'put': expected its weight to be a whole number of at least 1, got 0",
    )
  })

  it('refuses to draw from nothing', () => {
    expect(() => draw({}, 1, new Random(1))).toThrow('a workload needs at least one operation')
  })
})
