import type { History, HistoryEvent } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type CacheEvent, cacheEvents } from './probes.ts'
import { at } from './wording.ts'

/** A load that began although the key was loaded, or being loaded, and had not been evicted. */
export interface DoubleLoad {
  cache: string
  key: string
  /** The load that was enough, and the one that should not have been. */
  first: HistoryEvent
  second: HistoryEvent
  /** The first load was still going on when the second began. */
  overlapping: boolean
  /** The item was evicted as expired, before its time was over. */
  tooEarly: boolean
}

export interface DoubleLoadsOptions {
  /** For caches whose items expire: how long an item stays fresh, in milliseconds, by the cache's name. */
  ttlMs?: Readonly<Record<string, number>>
}

/** By so much a cache's own clock may be ahead of the one that the history is told by. */
const clocksApartMs = 1

/** What is known of one key of one cache. */
interface Entry {
  /** Loads that go on, oldest first. */
  loading: CacheEvent[]
  /** Loads that an eviction overtook: their result does not count, and their end must not be mistaken for another's. */
  overtaken: number
  /** The load that filled the entry, until it is evicted. */
  filled: CacheEvent | undefined
  /** When it was filled, as long as it is fresh by its time-to-live, whoever evicted it as expired. */
  fresh: { load: CacheEvent; untilMs: number } | undefined
}

/**
 * No key of a cache is loaded again while it is loaded or being loaded: between two loads lies an eviction, or the first
 * one failed. Each process and thread has caches of its own. A lookup that waited and found the item at the re-check
 * (`avoided`) is right, and no load. With `ttlMs`, an eviction as expired is none before the item's time is over.
 */
export function doubleLoads(options: DoubleLoadsOptions = {}): Check {
  return {
    name: 'double-loads',
    judge(history) {
      const { doubles, loads } = walk(history, options)
      if (loads === 0) return unseen('the target publishes no cache loads through raceproof/probe')
      const findings = new Findings('double-loads')
      for (const double of doubles) tell(double, findings)
      return judged(findings.told())
    },
  }
}

/** How many loads there were that should not have been. */
export function doubleLoadCount(history: History): number {
  return walk(history).doubles.length
}

/** The double loads of a history, in order. */
export function doubleLoadsOf(history: History): DoubleLoad[] {
  return walk(history).doubles
}

function walk(history: History, { ttlMs = {} }: DoubleLoadsOptions = {}): { doubles: DoubleLoad[]; loads: number } {
  const entries = new DefaultMap<string, Entry>(() => ({
    loading: [],
    overtaken: 0,
    filled: undefined,
    fresh: undefined,
  }))
  const doubles: DoubleLoad[] = []
  let loads = 0
  for (const event of cacheEvents(history)) {
    if (event.event === 'load') {
      loads++
      const double = begin(entries.of(event.entry), event)
      if (double !== undefined) doubles.push(double)
    } else if (event.event === 'loaded' || event.event === 'load-failed') {
      finish(entries.of(event.entry), event, ttlMs[event.cache] ?? 0)
    } else if (event.event === 'evict') evict(entries.of(event.entry), event)
  }
  return { doubles, loads }
}

function begin(entry: Entry, event: CacheEvent): DoubleLoad | undefined {
  const earlier = entry.loading[0] ?? entry.filled ?? freshLoad(entry, event)
  const overlapping = entry.loading.length > 0
  const tooEarly = !overlapping && entry.filled === undefined
  entry.loading.push(event)
  if (earlier === undefined) return undefined
  return { cache: event.cache, key: event.key, first: earlier.source, second: event.source, overlapping, tooEarly }
}

/** The load whose item should still be there, since its time was not over. */
function freshLoad({ fresh }: Entry, { source }: CacheEvent): CacheEvent | undefined {
  return fresh !== undefined && source.timeMs + clocksApartMs < fresh.untilMs ? fresh.load : undefined
}

function finish(entry: Entry, event: CacheEvent, ttlMs: number): void {
  if (entry.overtaken > 0) {
    entry.overtaken--
    return
  }
  const load = entry.loading.shift()
  if (event.event !== 'loaded') return
  entry.filled = load
  entry.fresh = load && { load, untilMs: event.source.timeMs + ttlMs }
}

function evict(entry: Entry, { source }: CacheEvent): void {
  if (source.value.reason !== 'expired') entry.fresh = undefined
  entry.overtaken += entry.loading.length
  entry.loading = []
  entry.filled = undefined
}

function tell({ cache, key, first, second, overlapping, tooEarly }: DoubleLoad, findings: Findings): void {
  const there = tooEarly ? 'was evicted as expired before its time was over' : 'was there and had not been evicted'
  const when = overlapping ? 'while its first load was still going on' : `although it ${there}`
  findings.add(overlapping ? 'overlapping' : 'repeated', `${cache} ${key}`, () => ({
    message: `cache ${cache}: key ${key} was loaded at ${at(first.timeMs)} and again at ${at(second.timeMs)}, ${when}`,
    clients: [],
    evidence: [first, second],
    likelyCause: causeOf(overlapping, tooEarly),
  }))
}

function causeOf(overlapping: boolean, tooEarly: boolean): string {
  if (overlapping)
    return 'Check and load are not one step: the lock is let go between them, or the check is not repeated inside it.'
  if (tooEarly) return 'The cleanup collected what had expired, awaited, and evicted what was refreshed meanwhile.'
  return 'The check is not repeated inside the lock, or an item was removed without that being told.'
}
