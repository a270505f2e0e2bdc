import { describe, expect, it } from 'vitest'
import { ThreadSafeDict } from '../../../reference-impl/state/thread-safe-dict.ts'
import { inWorker } from '../sync/worker-thread.ts'

const makeDict = (initial: Record<string, number> = {}) => new ThreadSafeDict<number>({ name: 'test', initial })

describe('a thread-safe dict', () => {
  it('gets, sets and deletes', () => {
    const dict = makeDict({ a: 1 })
    dict.set('b', 2)
    expect([dict.get('a'), dict.get('b'), dict.get('c'), dict.get('c', 9)]).toEqual([1, 2, undefined, 9])
    expect(dict.delete('a')).toBe(true)
    expect(dict.delete('a')).toBe(false)
    expect([dict.has('a'), dict.has('b'), dict.size]).toEqual([false, true, 1])
  })

  it('lists keys, values and items in the order of first setting, and clears', () => {
    const dict = makeDict({ z: 1, a: 2 })
    dict.set('z', 3)
    expect(dict.keys()).toEqual(['z', 'a'])
    expect(dict.values()).toEqual([3, 2])
    expect(dict.items()).toEqual([
      ['z', 3],
      ['a', 2],
    ])
    expect(dict.copy()).toEqual({ z: 3, a: 2 })
    dict.clear()
    expect(dict.copy()).toEqual({})
  })

  it('keeps a value of null, and does not take it for an absent one', () => {
    const dict = new ThreadSafeDict<string | null>({ name: 'test', initial: { a: null } })
    expect(dict.get('a', 'fallback')).toBeNull()
  })

  it('updates several values at once, or from what is there', () => {
    const dict = makeDict({ a: 1 })
    dict.update({ b: 2, c: 3 })
    dict.update(({ a = 0, b = 0 }) => ({ a: a + 10, b: b + 10 }))
    expect(dict.copy()).toEqual({ a: 11, b: 12, c: 3 })
  })

  it('gives frozen copies, which are nobody else’s', () => {
    const dict = new ThreadSafeDict<{ list: number[] }>({ name: 'test' })
    const mine = { list: [1] }
    dict.set('a', mine)
    mine.list.push(2)
    const copy = dict.get('a') as { list: number[] }
    expect(copy).toEqual({ list: [1] })
    expect(() => copy.list.push(3)).toThrow(TypeError)
    for (const all of [dict.copy(), dict.keys(), dict.values(), dict.items()[0]])
      expect(Object.isFrozen(all)).toBe(true)
  })

  it('makes several operations of an event loop one step', async () => {
    const dict = makeDict({ a: 0 })
    const increment = () =>
      dict.run(async () => {
        const read = dict.get('a', 0)
        await null
        dict.set('a', read + 1)
      })
    await Promise.all(Array.from({ length: 50 }, increment))
    expect(dict.get('a')).toBe(50)
  })

  it('counts reads, writes and waits', async () => {
    const dict = makeDict()
    dict.set('a', 1)
    dict.get('a')
    dict.keys()
    await Promise.all([dict.run(() => new Promise(setImmediate)), dict.run(() => dict.update({ b: 2 }))])
    expect(dict.counts).toEqual({ reads: 2, writes: 2, waits: 1 })
  })

  it('survives 500 reads and writes on 10 worker threads, and an event loop besides', async () => {
    const dict = makeDict({ total: 0 })
    const worker = (number: number) =>
      inWorker<string[]>(
        `const { ThreadSafeDict } = await load('state/thread-safe-dict')
         const dict = new ThreadSafeDict({ name: 'test', shared: data.shared })
         const wrong = []
         for (let turn = 0; turn < 25; turn++) {
           dict.set('own ' + data.number, turn)
           if (dict.get('own ' + data.number) !== turn) wrong.push('lost turn ' + turn)
           dict.update(({ total }) => ({ total: total + 1 }))
         }
         return wrong`,
        { shared: dict.shared, number },
      )
    const workers = Array.from({ length: 10 }, (_, number) => worker(number))
    for (let turn = 0; turn < 100; turn++) {
      await dict.run(() => dict.update(({ total = 0 }) => ({ total: total + 1 })))
      await new Promise(setImmediate)
    }
    expect((await Promise.all(workers)).flat()).toEqual([])
    const all = await dict.run(() => dict.copy())
    expect(all).toMatchObject({ total: 350, 'own 0': 24, 'own 9': 24 })
    expect(dict.counts).toMatchObject({ writes: 10 * 50 + 100 })
  })
})
