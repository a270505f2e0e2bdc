/** What a cache counts of its lookups. Each lookup is exactly one of hit, miss and avoided load. */
export interface CacheCounts {
  hits: number
  misses: number
  /** Loads of a key that was already loaded and not evicted since. Never in correct code. */
  doubleLoads: number
  /** Lookups that waited, and found the item at the re-check. */
  avoidedLoads: number
  lockWaits: number
}

/** A cache, as far as it is counted. */
export interface CountedCache {
  readonly metrics: Readonly<{ hits: number; misses: number; avoided: number; doubleLoads: number; lockWaits: number }>
}

/**
 * The counts of several caches since the last reset. Reading and resetting happen in one turn, so that no lookup in
 * between is lost.
 */
export class CacheMetrics<Name extends string = string> {
  readonly #caches: Readonly<Record<Name, CountedCache>>
  /** The counts at the last reset. */
  #origin: Readonly<Record<Name, CacheCounts>>

  constructor(caches: Readonly<Record<Name, CountedCache>>) {
    this.#caches = caches
    this.#origin = eachOf(caches, () => ({ hits: 0, misses: 0, doubleLoads: 0, avoidedLoads: 0, lockWaits: 0 }))
  }

  read(): Record<Name, CacheCounts> {
    return eachOf(this.#caches, (name) => difference(countsOf(this.#caches[name]), this.#origin[name]))
  }

  readAndReset(): Record<Name, CacheCounts> {
    const counts = this.read()
    this.#origin = eachOf(this.#caches, (name) => countsOf(this.#caches[name]))
    return counts
  }
}

function countsOf({ metrics }: CountedCache): CacheCounts {
  const { hits, misses, doubleLoads, avoided, lockWaits } = metrics
  return { hits, misses, doubleLoads, avoidedLoads: avoided, lockWaits }
}

function difference(now: CacheCounts, then: CacheCounts): CacheCounts {
  return eachOf(now, (count) => now[count] - then[count])
}

function eachOf<Name extends string, Value>(
  keys: Readonly<Record<Name, unknown>>,
  value: (key: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries((Object.keys(keys) as Name[]).map((key) => [key, value(key)])) as Record<Name, Value>
}
