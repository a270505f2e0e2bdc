import type { History } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import { Distribution } from './distribution.ts'
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

/** What is gathered about the locks of one name. */
interface Tally {
  acquisitions: number
  waiting: number
  waited: Distribution
  held: Distribution
  longestQueue: number
}

/** One row for every lock that was used, also when nobody waited; the most waited for come first. */
export function contentionTable(history: History): LockContention[] {
  const tallies = new DefaultMap<string, Tally>(() => ({
    acquisitions: 0,
    waiting: 0,
    waited: new Distribution(),
    held: new Distribution(),
    longestQueue: 0,
  }))
  for (const event of lockEvents(history)) add(tallies.of(event.lock), event)
  return [...tallies].map(row).sort((a, b) => b.waits - a.waits || (a.lock < b.lock ? -1 : 1))
}

function add(tally: Tally, { event, waitMs, holdMs, queue }: LockEvent): void {
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
