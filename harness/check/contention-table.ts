import type { History } from '../history/event.ts'
import { type Convoy, convoysOf } from './convoys.ts'
import { DefaultMap } from './default-map.ts'
import { Distribution, type HistogramBar } from './distribution.ts'
import { type LockEvent, lockEvents } from './probes.ts'

/** How much was waited for the locks of one name. */
export interface LockContention {
  lock: string
  acquisitions: number
  /** Callers that had to wait, whether they got it, gave up, or still wait. */
  waits: number
  /** waits / acquisitions; 0 when there was none. */
  waitShare: number
  /** How long those waited that waited and got it. */
  waitMs: { p50: number; p99: number; max: number }
  holdMs: { p50: number; p99: number; max: number }
  longestQueue: number
}

/** Everything that was seen of the locks of one name. */
export interface LockProfile extends LockContention {
  /** Callers that waited, each counted once, by the number of calls in the history; 0 when there was none. */
  requestShare: number
  waitHistogram: HistogramBar[]
  holdHistogram: HistogramBar[]
  convoys: { fromMs: number; untilMs: number; handOvers: number; longestQueue: number }[]
}

/** What is gathered about the locks of one name. */
interface Tally {
  acquisitions: number
  waiting: number
  /** The owners that waited: each is one request. */
  waiters: Set<string>
  waited: Distribution
  held: Distribution
  longestQueue: number
}

/** One row for every lock that was used, also when nobody waited; the most waited for come first. */
export function contentionTable(history: History): LockContention[] {
  return [...talliesOf(lockEvents(history))].map(row).sort(byWaits)
}

/** The rows of {@link contentionTable} with histograms, convoys, and the share of requests that waited. */
export function contentionProfile(history: History): LockProfile[] {
  const locks = [...lockEvents(history)]
  const requests = history.filter(({ type }) => type === 'invoke').length
  const convoys = convoysOf(locks)
  const profiles = [...talliesOf(locks)].map(([lock, tally]) => ({
    ...row([lock, tally]),
    requestShare: requests === 0 ? 0 : tally.waiters.size / requests,
    waitHistogram: tally.waited.bars(),
    holdHistogram: tally.held.bars(),
    convoys: convoys.filter((convoy) => convoy.lock === lock).map(convoyRow),
  }))
  return profiles.sort(byWaits)
}

function byWaits(one: LockContention, other: LockContention): number {
  return other.waits - one.waits || (one.lock < other.lock ? -1 : 1)
}

function convoyRow({ first, last, handOvers, longestQueue }: Convoy): LockProfile['convoys'][number] {
  return { fromMs: first.source.timeMs, untilMs: last.source.timeMs, handOvers, longestQueue }
}

function talliesOf(locks: Iterable<LockEvent>): ReadonlyMap<string, Tally> {
  const tallies = new DefaultMap<string, Tally>(() => ({
    acquisitions: 0,
    waiting: 0,
    waiters: new Set(),
    waited: new Distribution(),
    held: new Distribution(),
    longestQueue: 0,
  }))
  for (const event of locks) add(tallies.of(event.lock), event)
  return tallies
}

function add(tally: Tally, { source, event, owner, waitMs, holdMs, queue }: LockEvent): void {
  if (event === 'waiting' || (event === 'acquired' && waitMs > 0)) tally.waiters.add(`${source.process} ${owner}`)
  if (event === 'waiting') {
    tally.waiting++
    tally.longestQueue = Math.max(tally.longestQueue, queue)
  } else if (event === 'acquired') {
    tally.acquisitions++
    if (waitMs > 0) tally.waited.record(waitMs)
  } else if (event === 'released' && holdMs !== undefined) tally.held.record(holdMs)
}

function row([lock, tally]: [string, Tally]): LockContention {
  // A lock that publishes no `waiting` still says with each acquisition how long it waited.
  const waits = Math.max(tally.waiting, tally.waited.count)
  return {
    lock,
    acquisitions: tally.acquisitions,
    waits,
    waitShare: tally.acquisitions === 0 ? 0 : waits / tally.acquisitions,
    waitMs: percentiles(tally.waited),
    holdMs: percentiles(tally.held),
    longestQueue: tally.longestQueue,
  }
}

function percentiles(distribution: Distribution): { p50: number; p99: number; max: number } {
  return { p50: distribution.percentileMs(50), p99: distribution.percentileMs(99), max: distribution.maxMs }
}
