import type { History } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import type { Findings } from './findings.ts'
import { type CacheEvent, cacheEvents, type LockEvent } from './probes.ts'
import { count } from './wording.ts'

/** How often a cache was asked. */
interface Lookups {
  hits: number
  /** Misses, and lookups that found the item at the re-check: both have to take the key's lock. */
  others: number
  firstHit: CacheEvent | undefined
}

/** Objects to caches whose lookups take a lock although they hit: their locks were taken more often than there was reason to. */
export function judgeHits(history: History, locks: readonly LockEvent[], findings: Findings): void {
  const lookups = lookupsOf(history)
  for (const [cache, acquisitions] of acquisitionsByName(locks)) {
    const { hits, others, firstHit } = lookups.of(cache)
    if (firstHit === undefined || acquisitions.length <= others) continue
    const [{ lock }] = acquisitions as [LockEvent]
    findings.add('hits', lock, () => ({
      message:
        `the locks of cache ${lock} were taken ${count(acquisitions.length, 'time')} for ${count(others, 'lookup')} ` +
        `without a hit; the hits (${hits}) need no lock`,
      clients: [],
      evidence: [firstHit.source, ...acquisitions.slice(0, 3).map(({ source }) => source)],
      likelyCause:
        'Every lookup takes the lock; look without it first, and look again under it only if nothing was found.',
    }))
  }
}

function lookupsOf(history: History): DefaultMap<string, Lookups> {
  const lookups = new DefaultMap<string, Lookups>(() => ({ hits: 0, others: 0, firstHit: undefined }))
  for (const event of cacheEvents(history)) {
    const cache = lookups.of(`${event.source.process} ${event.cache}`)
    if (event.event === 'miss' || event.event === 'avoided') cache.others++
    else if (event.event === 'hit') {
      cache.hits++
      cache.firstHit ??= event
    }
  }
  return lookups
}

/** The acquisitions that have been released, by the name of the lock; one that is still held may not have looked yet. */
function acquisitionsByName(locks: readonly LockEvent[]): ReadonlyMap<string, LockEvent[]> {
  const held = new Map<string, LockEvent>()
  const ended = new DefaultMap<string, LockEvent[]>(() => [])
  for (const event of locks) {
    const holder = `${event.object} ${event.owner}`
    if (event.event === 'acquired') held.set(holder, event)
    const acquired = event.event === 'released' ? held.get(holder) : undefined
    if (acquired === undefined) continue
    held.delete(holder)
    ended.of(`${event.source.process} ${event.lock}`).push(acquired)
  }
  return ended
}
