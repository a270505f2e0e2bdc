import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { CacheProbe } from 'raceproof/probe'
import { afterEach, describe, expect, it } from 'vitest'
import { GuardedCache, type GuardedCacheOptions } from '../../../reference-impl/sync/guarded-cache.ts'

interface Session {
  id: string
  instance: number
}

/** A cache of sessions whose creation takes a turn of the event loop, with a count of what was created. */
function sessionCache(options: Partial<GuardedCacheOptions<Session>> = {}) {
  const cache = new GuardedCache<Session>({ name: 'sessions', ...options })
  let created = 0
  const create = async (id: string): Promise<Session> => {
    const instance = ++created
    await new Promise(setImmediate)
    return { id, instance }
  }
  return { cache, create, created: () => created }
}

describe('a guarded cache', () => {
  it('gives 10 callers on one session id one session', async () => {
    const { cache, create, created } = sessionCache()
    const sessions = await Promise.all(Array.from({ length: 10 }, () => cache.getOrCreate('s1', create)))
    expect(new Set(sessions).size).toBe(1)
    expect(created()).toBe(1)
    expect(cache.metrics).toEqual({ hits: 0, misses: 1, avoided: 9, doubleLoads: 0, lockWaits: 9 })
  })

  it('survives 100 searches against 100 cleanups, each search one of hit, miss and avoided', async () => {
    let nowMs = 0
    const { cache, create } = sessionCache({ ttlMs: 3, now: () => nowMs })
    const searches = Array.from({ length: 100 }, async (_, index) => {
      await new Promise(setImmediate)
      const found = await cache.getOrCreate(`query-${index % 7}`, create)
      expect(found.id).toBe(`query-${index % 7}`)
    })
    const cleanups = Array.from({ length: 100 }, async () => {
      await new Promise(setImmediate)
      nowMs++
      cache.removeExpired()
    })
    await Promise.all([...searches, ...cleanups])
    const { hits, misses, avoided, doubleLoads } = cache.metrics
    expect(hits + misses + avoided).toBe(100)
    expect(doubleLoads).toBe(0)
  })

  it('answers a hit at once, without a promise, and counts it', async () => {
    const { cache, create } = sessionCache()
    expect(cache.get('s1')).toBeUndefined()
    const made = await cache.getOrCreate('s1', create)
    expect(cache.getOrCreate('s1', create)).toBe(made)
    expect(cache.get('s1')).toBe(made)
    expect(cache.peek('s1')).toBe(made)
    expect(cache.metrics).toMatchObject({ hits: 2, misses: 1 })
  })

  it('creates different keys at the same time', async () => {
    const cache = new GuardedCache<string>({ name: 'c' })
    let [inside, most] = [0, 0]
    const create = async (key: string) => {
      most = Math.max(most, ++inside)
      await new Promise(setImmediate)
      inside--
      return key
    }
    await Promise.all(['a', 'b', 'c'].map((key) => cache.getOrCreate(key, create)))
    expect(most).toBe(3)
    expect(cache.metrics.lockWaits).toBe(0)
  })

  it('gives the error of a failed creation to its caller alone, and the next caller tries again', async () => {
    const { cache, create } = sessionCache()
    const failing = cache.getOrCreate('s1', () => Promise.reject(new Error('no room')))
    const next = cache.getOrCreate('s1', create)
    await expect(failing).rejects.toThrow('no room')
    expect(await next).toMatchObject({ id: 's1' })
    expect(cache.metrics).toMatchObject({ misses: 2, avoided: 0, doubleLoads: 0 })
  })

  it('keeps nothing of before a clear, and still gives all callers one instance', async () => {
    const evicted: string[] = []
    const { cache, create, created } = sessionCache({
      onEvict: (key, { instance }, reason) => evicted.push(`${key}@${instance} ${reason}`),
    })
    const before = cache.getOrCreate('s1', create)
    await new Promise(process.nextTick)
    cache.clear()
    const after = cache.getOrCreate('s1', create)
    const [first, second] = await Promise.all([before, after])
    expect(first).toBe(second)
    expect(cache.peek('s1')).toBe(second)
    expect(created()).toBe(2)
    expect(evicted).toEqual(['s1@1 cleared'])
    expect(cache.metrics.doubleLoads).toBe(0)
  })

  it('loads an item again when it has expired', async () => {
    let nowMs = 0
    const { cache, create, created } = sessionCache({ ttlMs: 10, now: () => nowMs })
    const first = await cache.getOrCreate('s1', create)
    nowMs = 9
    expect(cache.get('s1')).toBe(first)
    nowMs = 10
    expect(await cache.getOrCreate('s1', create)).not.toBe(first)
    expect(created()).toBe(2)
    expect(cache.metrics.doubleLoads).toBe(0)
  })

  it('removes what has expired, and tells of it', async () => {
    let nowMs = 0
    const evicted: string[] = []
    const { cache, create } = sessionCache({
      ttlMs: 10,
      now: () => nowMs,
      onEvict: (key, _, reason) => evicted.push(`${key} ${reason}`),
    })
    await cache.getOrCreate('old', create)
    nowMs = 5
    await cache.getOrCreate('young', create)
    nowMs = 12
    expect(cache.removeExpired()).toBe(1)
    expect(evicted).toEqual(['old expired'])
    expect(cache.keys()).toEqual(['young'])
    expect(cache.size).toBe(1)
  })

  it('uses a clock of its own where none is given', async () => {
    const { cache, create } = sessionCache({ ttlMs: 60_000 })
    const made = await cache.getOrCreate('s1', create)
    expect(cache.get('s1')).toBe(made)
  })

  it('deletes one item with a reason, and says whether there was one', async () => {
    const evicted: string[] = []
    const { cache, create } = sessionCache({ onEvict: (key, _, reason) => evicted.push(`${key} ${reason}`) })
    await cache.getOrCreate('s1', create)
    expect(cache.delete('s1', 'closed')).toBe(true)
    expect(cache.delete('s1')).toBe(false)
    expect(evicted).toEqual(['s1 closed'])
  })

  it('caches values that are falsy', async () => {
    const cache = new GuardedCache<number | null>({ name: 'c' })
    await cache.getOrCreate('zero', async () => 0)
    await cache.getOrCreate('null', async () => null)
    expect(cache.getOrCreate('zero', () => expect.fail())).toBe(0)
    expect(cache.getOrCreate('null', () => expect.fail())).toBeNull()
  })
})

describe('variants that override one small method', () => {
  const tenCallers = async (cache: GuardedCache<object>) => {
    const create = async () => {
      await new Promise(setImmediate)
      return {}
    }
    return new Set(await Promise.all(Array.from({ length: 10 }, () => cache.getOrCreate('k', create)))).size
  }

  it('counts double loads when nobody locks', async () => {
    class Unlocked extends GuardedCache<object> {
      protected override exclusively<T>(_: string, section: () => Promise<T>): Promise<T> {
        return section()
      }
    }
    const cache = new Unlocked({ name: 'c' })
    expect(await tenCallers(cache)).toBe(10)
    expect(cache.metrics.doubleLoads).toBe(9)
  })

  it('counts double loads when nobody looks again under the lock', async () => {
    class Unchecked extends GuardedCache<object> {
      protected override recheck(): undefined {}
    }
    const cache = new Unchecked({ name: 'c' })
    expect(await tenCallers(cache)).toBe(10)
    expect(cache.metrics.doubleLoads).toBe(9)
  })

  it('makes keys wait for each other when there is one lock', async () => {
    class OneLock extends GuardedCache<object> {
      protected override lockKey(): string {
        return 'all'
      }
    }
    const cache = new OneLock({ name: 'c' })
    await Promise.all(['a', 'b', 'c'].map((key) => cache.getOrCreate(key, async () => ({ key }))))
    expect(cache.metrics.lockWaits).toBe(2)
  })
})

describe('what a guarded cache publishes', () => {
  const published: CacheProbe[] = []
  const listener = (message: unknown) => published.push(message as CacheProbe)
  afterEach(() => {
    unsubscribe('raceproof:cache', listener)
    published.length = 0
  })

  it('tells lookups, loads with the instance they made, failures and evictions', async () => {
    subscribe('raceproof:cache', listener)
    const { cache, create } = sessionCache({ instanceOf: ({ instance }) => `#${instance}` })
    await Promise.all([cache.getOrCreate('s1', create), cache.getOrCreate('s1', create)])
    cache.get('s1')
    cache.delete('s1', 'closed')
    await Promise.resolve(cache.getOrCreate('s1', () => Promise.reject(new Error('no')))).catch(() => {})
    expect(published.map(({ event }) => event)).toEqual([
      'miss',
      'load',
      'loaded',
      'avoided',
      'hit',
      'evict',
      'miss',
      'load',
      'load-failed',
    ])
    expect(published[2]).toEqual({ event: 'loaded', cache: 'sessions', key: 's1', instance: '#1' })
    expect(published[5]).toMatchObject({ reason: 'closed' })
  })
})
