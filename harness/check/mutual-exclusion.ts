import type { History } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { isOrderChosen } from './chosen-order.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type LockEvent, lockEvents } from './probes.ts'
import { at } from './wording.ts'

/** A stretch of time in which one owner held one lock object. */
interface Holding {
  acquired: LockEvent
  released: LockEvent
  /** Where it begins and ends: times, or places in a history whose order was chosen. */
  from: number
  until: number
}

/** How two holdings of one history are compared. */
interface Measure {
  readonly placeOf: (event: LockEvent, index: number) => number
  /** So much two may seem to share, and share nothing. */
  readonly tolerance: number
}

/** Threads of real time have clocks that are read to thousandths of a millisecond, and records that are put together later. */
const byTimes: Measure = { placeOf: ({ source }) => source.timeMs, tolerance: 0.002 }
/** However short an overlap is, the order shows it. */
const byOrder: Measure = { placeOf: (_, index) => index, tolerance: 0 }

/**
 * One lock object has one owner at a time, whatever threads of its process the owners run in; and whatever processes, if
 * the lock is told to be shared by them.
 *
 * An owner certainly holds a lock from its `acquired`, published when it has the lock, to its `released`, published
 * before it lets go; two such stretches that overlap cannot both be right. In a simulated run the order of these events
 * decides, however short the overlap; else their times do. A holding without an end proves nothing here (it is what
 * `progress` is for).
 */
export function mutualExclusion(): Check {
  return {
    name: 'mutual-exclusion',
    judge(history) {
      const measure = isOrderChosen(history) ? byOrder : byTimes
      const objects = holdings(history, measure)
      if (objects.size === 0) return unseen('the target publishes no locks through raceproof/probe')
      const findings = new Findings('mutual-exclusion')
      for (const held of objects.values()) judgeObject(held, measure, findings)
      return judged(findings.told())
    },
  }
}

function holdings(history: History, { placeOf }: Measure): ReadonlyMap<string, Holding[]> {
  const objects = new DefaultMap<string, Holding[]>(() => [])
  const open = new Map<string, { acquired: LockEvent; from: number }>()
  for (const [index, event] of [...lockEvents(history)].entries()) {
    const holder = `${event.object} ${event.owner}`
    const place = placeOf(event, index)
    if (event.event === 'acquired') open.set(holder, { acquired: event, from: place })
    const begun = event.event === 'released' ? open.get(holder) : undefined
    if (begun === undefined) continue
    open.delete(holder)
    objects.of(event.object).push({ ...begun, released: event, until: place })
  }
  return objects
}

/** Compares each holding with the one before it that lasted longest, in order of their begin. */
function judgeObject(held: Holding[], measure: Measure, findings: Findings): void {
  held.sort((a, b) => a.from - b.from)
  let longest: Holding | undefined
  for (const holding of held) {
    if (longest !== undefined && overlap(longest, holding, measure)) tell(longest, holding, findings)
    if (longest === undefined || holding.until > longest.until) longest = holding
  }
}

function overlap(earlier: Holding, later: Holding, { tolerance }: Measure): boolean {
  return Math.min(earlier.until, later.until) - later.from > tolerance
}

function tell(earlier: Holding, later: Holding, findings: Findings): void {
  const { lock, key } = later.acquired
  const which = key === undefined ? lock : `${lock} (${key})`
  findings.add('overlap', which, () => ({
    message:
      `lock ${which} had two owners at once: ${ownerOf(earlier)} held it from ${at(earlier.acquired.source.timeMs)} to ` +
      `${at(earlier.released.source.timeMs)}, and ${ownerOf(later)} got it at ${at(later.acquired.source.timeMs)}`,
    clients: [],
    evidence: [earlier, later].flatMap(({ acquired, released }) => [acquired.source, released.source]),
    likelyCause:
      'The lock mistakes the thread for the owner, a stranger released it, it is not one lock but two, or two found it ' +
      'stale and the second took it from the first.',
  }))
}

function ownerOf({ acquired }: Holding): string {
  return `${acquired.owner} in ${acquired.source.process}`
}
