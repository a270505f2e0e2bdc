import type { History } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type LockEvent, lockEvents } from './probes.ts'
import { at } from './wording.ts'

/** A stretch of time in which one owner held one lock object. */
interface Holding {
  acquired: LockEvent
  released: LockEvent
  fromMs: number
  untilMs: number
}

/** Times are recorded in thousandths of a millisecond, so that two holdings may seem to share that much. */
const toleranceMs = 0.002

/**
 * One lock object has one owner at a time, whatever threads of its process the owners run in.
 *
 * An owner certainly holds a lock from its `acquired`, published when it has the lock, to its `released`, published
 * before it lets go; two such stretches that overlap cannot both be right. A holding without an end proves nothing here
 * (it is what `progress` is for).
 */
export function mutualExclusion(): Check {
  return {
    name: 'mutual-exclusion',
    judge(history) {
      const objects = holdings(history)
      if (objects.size === 0) return unseen('the target publishes no locks through raceproof/probe')
      const findings = new Findings('mutual-exclusion')
      for (const held of objects.values()) judgeObject(held, findings)
      return judged(findings.told())
    },
  }
}

function holdings(history: History): ReadonlyMap<string, Holding[]> {
  const objects = new DefaultMap<string, Holding[]>(() => [])
  const open = new Map<string, LockEvent>()
  for (const event of lockEvents(history)) {
    const holder = `${event.object} ${event.owner}`
    if (event.event === 'acquired') open.set(holder, event)
    const acquired = event.event === 'released' ? open.get(holder) : undefined
    if (acquired === undefined) continue
    open.delete(holder)
    const [fromMs, untilMs] = [acquired.source.timeMs, event.source.timeMs]
    objects.of(event.object).push({ acquired, released: event, fromMs, untilMs })
  }
  return objects
}

/** Compares each holding with the one before it that lasted longest, in order of their begin. */
function judgeObject(held: Holding[], findings: Findings): void {
  held.sort((a, b) => a.fromMs - b.fromMs)
  let longest: Holding | undefined
  for (const holding of held) {
    if (longest !== undefined && overlap(longest, holding)) tell(longest, holding, findings)
    if (longest === undefined || holding.untilMs > longest.untilMs) longest = holding
  }
}

function overlap(earlier: Holding, later: Holding): boolean {
  return Math.min(earlier.untilMs, later.untilMs) - later.fromMs > toleranceMs
}

function tell(earlier: Holding, later: Holding, findings: Findings): void {
  const { lock, key } = later.acquired
  const which = key === undefined ? lock : `${lock} (${key})`
  findings.add('overlap', which, () => ({
    message:
      `lock ${which} had two owners at once: ${ownerOf(earlier)} held it from ${at(earlier.fromMs)} to ` +
      `${at(earlier.untilMs)}, and ${ownerOf(later)} got it at ${at(later.fromMs)}`,
    clients: [],
    evidence: [earlier, later].flatMap(({ acquired, released }) => [acquired.source, released.source]),
    likelyCause: 'The lock mistakes the thread for the owner, a stranger released it, or it is not one lock but two.',
  }))
}

function ownerOf({ acquired }: Holding): string {
  return `${acquired.owner} in ${acquired.source.process}`
}
