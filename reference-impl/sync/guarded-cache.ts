import { type CacheProbe, caches } from 'raceproof/probe'
import { ReentrantLock } from './reentrant-lock.ts'

export interface GuardedCacheOptions<Value> {
  /** The name of the cache and of its locks, in probes. */
  name: string
  /** How long an item stays fresh; for ever when it is left out. */
  ttlMs?: number
  /** The clock for `ttlMs`, in milliseconds. */
  now?: () => number
  /** Identifies the instance that was made, so that two of one key can be told apart in probes. */
  instanceOf?: (value: Value) => string
  /** Told of every item that leaves the cache, and of one that a `clear()` kept from entering it. */
  onEvict?: (key: string, value: Value, reason: string) => void
}

/** Each lookup is exactly one of hit, miss and avoided. */
export interface CacheMetrics {
  /** Found at once, without a lock. */
  hits: number
  /** Not found: the caller made the item, or tried to. */
  misses: number
  /** Found at the re-check, after waiting for the caller who made it. */
  avoided: number
  /** Items made although one was there and nobody had evicted it. Never in correct code. */
  doubleLoads: number
  /** Lookups that had to wait for another one of their key. */
  lockWaits: number
}

/**
 * Get-or-create with one creation per key, by double-checked locking: look without a lock; if nothing is there, take the
 * key's lock, look again, and only then create. A hit costs no lock and no promise; keys never wait for each other.
 *
 * A creation that fails is not kept: its error goes to its caller, and the next caller tries again. A creation that is
 * in flight when `clear()` is called is not stored: its caller creates once more, still under the key's lock, so that
 * nobody ever gets an item from before the clear, and all get the same one.
 *
 * `undefined` stands for "not there" and cannot be cached.
 */
export class GuardedCache<Value> {
  readonly name: string
  readonly #options: GuardedCacheOptions<Value>
  readonly #values = new Map<string, Value>()
  /** When each item expires; absent where items stay fresh for ever. */
  readonly #expiresMs: Map<string, number> | undefined
  /** The locks of the keys that are in creation or waited for, with the number of callers that use them. */
  readonly #locks = new Map<string, { lock: ReentrantLock; callers: number }>()
  /** The counts that are not taken on a hit. */
  readonly #others = { misses: 0, avoided: 0, doubleLoads: 0, lockWaits: 0 }
  #hits = 0
  /** Counts the clears: an item belongs to the generation in which its creation began. */
  #generation = 0

  constructor(options: GuardedCacheOptions<Value>) {
    this.name = options.name
    this.#options = options
    this.#expiresMs = options.ttlMs === undefined ? undefined : new Map()
  }

  /** How many items it holds, those included that have expired but are not removed yet. */
  get size(): number {
    return this.#values.size
  }

  /** The keys that it holds, as a copy. */
  keys(): string[] {
    return [...this.#values.keys()]
  }

  /** The counts so far, as a copy. */
  get metrics(): Readonly<CacheMetrics> {
    return { hits: this.#hits, ...this.#others }
  }

  /** The fresh item of a key, counted as a hit when there is one. Takes no lock. */
  get(key: string): Value | undefined {
    const value = this.peek(key)
    if (value !== undefined) {
      this.#hits++
      if (caches.hasSubscribers) this.publish('hit', key)
    }
    return value
  }

  /** The fresh item of a key, not counted. Takes no lock. */
  peek(key: string): Value | undefined {
    if (this.#expiresMs !== undefined) this.#evictIfExpired(key)
    return this.#values.get(key)
  }

  /** The item of a key, created if there is none. Rejects with the creator's error. */
  getOrCreate(key: string, create: (key: string) => Promise<Value>): Value | Promise<Value> {
    const found = this.get(key)
    return found !== undefined ? found : this.#getOrCreateLocked(key, create)
  }

  /** Removes an item; false when there is none. A creation in flight is not affected. */
  delete(key: string, reason = 'deleted'): boolean {
    const value = this.#values.get(key)
    if (value === undefined) return false
    this.#values.delete(key)
    this.#expiresMs?.delete(key)
    this.#evicted(key, value, reason)
    return true
  }

  /** Removes everything. What is being created right now is not stored either. */
  clear(): void {
    this.#generation++
    for (const key of this.keys()) this.delete(key, 'cleared')
  }

  /** Removes what has expired; returns how many items that were. */
  removeExpired(): number {
    return this.expiredKeys().filter((key) => this.delete(key, 'expired')).length
  }

  /** The keys that have expired, as a copy, so that the caller may change the cache while walking it. */
  protected expiredKeys(): string[] {
    return this.keys().filter((key) => this.#isExpired(key))
  }

  /** Runs a section while no other caller is in one for the same key. */
  protected async exclusively<T>(key: string, section: () => Promise<T>): Promise<T> {
    const name = this.lockKey(key)
    const entry = this.#locks.get(name) ?? { lock: new ReentrantLock({ name: this.name, id: name }), callers: 0 }
    this.#locks.set(name, entry)
    if (entry.callers++ > 0) this.#others.lockWaits++
    try {
      return await entry.lock.run(section, { key })
    } finally {
      if (--entry.callers === 0) this.#locks.delete(name)
    }
  }

  /** Which lock guards a key: its own. */
  protected lockKey(key: string): string {
    return key
  }

  /** The second half of the double check: under the lock, looks again, and creates only if nothing is there. */
  protected async createUnlessThere(key: string, create: (key: string) => Promise<Value>): Promise<Value> {
    const found = this.recheck(key)
    if (found !== undefined) {
      this.#others.avoided++
      this.publish('avoided', key)
      return found
    }
    this.#others.misses++
    this.publish('miss', key)
    return this.create(key, create)
  }

  /** What another caller may have stored while this one waited for the lock. */
  protected recheck(key: string): Value | undefined {
    return this.peek(key)
  }

  /** Creates and stores an item; again, when everything was cleared meanwhile. */
  protected async create(key: string, create: (key: string) => Promise<Value>): Promise<Value> {
    for (;;) {
      const generation = this.#generation
      const value = await this.load(key, create)
      if (this.isCurrent(generation)) {
        this.#store(key, value)
        return value
      }
      this.#evicted(key, value, 'cleared')
    }
  }

  /** Makes one item. Nothing of a failure is kept. */
  protected async load(key: string, create: (key: string) => Promise<Value>): Promise<Value> {
    this.publish('load', key)
    try {
      const value = await create(key)
      const instance = this.#options.instanceOf?.(value)
      this.publish('loaded', key, instance === undefined ? {} : { instance })
      return value
    } catch (error) {
      this.publish('load-failed', key)
      throw error
    }
  }

  /** Whether nothing was cleared since that generation. */
  protected isCurrent(generation: number): boolean {
    return generation === this.#generation
  }

  /** Tells who listens. */
  protected publish(event: CacheProbe['event'], key: string, more: Partial<CacheProbe> = {}): void {
    if (caches.hasSubscribers) caches.publish({ event, cache: this.name, key, ...more })
  }

  /** Apart from the hit, which must not pay for a closure. */
  #getOrCreateLocked(key: string, create: (key: string) => Promise<Value>): Promise<Value> {
    return this.exclusively(key, () => this.createUnlessThere(key, create))
  }

  #store(key: string, value: Value): void {
    if (this.#values.has(key)) this.#others.doubleLoads++
    this.#values.set(key, value)
    this.#expiresMs?.set(key, this.#now() + (this.#options.ttlMs as number))
  }

  #evictIfExpired(key: string): void {
    if (this.#isExpired(key)) this.delete(key, 'expired')
  }

  #isExpired(key: string): boolean {
    return (this.#expiresMs?.get(key) ?? Number.POSITIVE_INFINITY) <= this.#now()
  }

  #evicted(key: string, value: Value, reason: string): void {
    this.publish('evict', key, { reason })
    this.#options.onEvict?.(key, value, reason)
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now()
  }
}
