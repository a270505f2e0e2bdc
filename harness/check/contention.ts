import type { History } from '../history/event.ts'
import { type Check, type Judgement, judged, unseen } from './check.ts'
import { isOrderChosen } from './chosen-order.ts'
import { convoysOf } from './convoys.ts'
import { Findings } from './findings.ts'
import { judgeHits } from './hit-locks.ts'
import { type LockEvent, lockEvents } from './probes.ts'
import { judgeStampede } from './stampede.ts'
import { type Within, withinStep } from './steps.ts'
import { at, count, names } from './wording.ts'

export interface ContentionOptions {
  /** The step in which caches are warm and ids are mixed: hardly anybody may wait. */
  steady?: string
  /** The step in which many ask for the same keys at once: one creation a key, and nobody waits for another key's. */
  stampede?: string
  /** The share of requests that may wait in the steady step, in (0, 1). */
  maxWaitShare?: number
  /** Fewer requests than this in the steady step prove nothing. */
  minRequests?: number
  /** How often a lock may be handed from waiter to waiter, never free, in a row; no limit when it is left out. */
  maxConvoy?: number
  /** The names of the locks to look at; all of them when it is left out. */
  locks?: readonly string[]
}

/**
 * Locks are there to be passed, not to be waited for. In the steady step, fewer than `maxWaitShare` of the requests
 * wait. In the stampede, each key is created once, and no caller waits for a lock object that is held for another key.
 * At any time, a lookup that hits takes no lock: a lock that bears its cache's name is taken for misses and re-checks only.
 *
 * Where the order was chosen rather than timed, how many wait says nothing, and the steady step is not judged.
 *
 * With `maxConvoy`, no lock goes from waiter to waiter more often than that without being free in between.
 *
 * A request is a call invoked in the step. The target does not tell which request a wait belongs to, so each owner that
 * waited counts as one request: work in the background counts against the target, unless `locks` leaves its locks out.
 */
export function contention(options: ContentionOptions = {}): Check {
  return { name: 'contention', judge: (history) => judgeContention(history, options) }
}

function judgeContention(history: History, options: ContentionOptions): Judgement {
  const locks = [...lockEvents(history)].filter(({ lock }) => options.locks?.includes(lock) ?? true)
  if (locks.length === 0) return unseen('the target publishes no locks through raceproof/probe')
  const findings = new Findings('contention')
  const steady = isOrderChosen(history) ? undefined : options.steady
  const blind = [
    inStep(history, steady, (within) => judgeSteady(history, locks, within, options, findings)),
    inStep(history, options.stampede, (within) => judgeStampede(history, locks, within, findings)),
  ].filter((reason) => reason !== null)
  judgeHits(history, locks, findings)
  judgeConvoys(locks, options.maxConvoy ?? Number.POSITIVE_INFINITY, findings)
  const judgement = judged(findings.told())
  if (judgement.verdict === 'invalid' || blind.length === 0) return judgement
  return unseen(blind.join('; '))
}

/** Judges one step, and says why it could not be judged. */
function inStep(history: History, name: string | undefined, judge: (within: Within) => string | null): string | null {
  if (name === undefined) return null
  const within = withinStep(history, name)
  return within === null ? `the run has no step '${name}'` : judge(within)
}

function judgeSteady(
  history: History,
  locks: readonly LockEvent[],
  within: Within,
  { maxWaitShare = 0.05, minRequests = 100 }: ContentionOptions,
  findings: Findings,
): string | null {
  const requests = history.filter((event) => event.type === 'invoke' && within(event.timeMs)).length
  if (requests < minRequests) {
    return `only ${count(requests, 'request')} in the steady step; at least ${minRequests} are needed`
  }
  const waits = new Map<string, LockEvent>()
  for (const event of locks) {
    if (waited(event) && within(event.source.timeMs)) waits.set(`${event.source.process} ${event.owner}`, event)
  }
  const share = waits.size / requests
  if (share >= maxWaitShare) tellShare(share, requests, [...waits.values()], maxWaitShare, findings)
  return null
}

function judgeConvoys(locks: readonly LockEvent[], most: number, findings: Findings): void {
  for (const { lock, first, last, handOvers, longestQueue } of convoysOf(locks)) {
    if (handOvers <= most) continue
    findings.add('convoy', lock, () => ({
      message:
        `lock ${lock} was handed from waiter to waiter ${count(handOvers, 'time')} from ${at(first.source.timeMs)} to ` +
        `${at(last.source.timeMs)} without being free; up to ${longestQueue} waited at once, and ${most} hand-overs are allowed`,
      clients: [],
      evidence: [first.source, last.source],
      likelyCause:
        'All work passes through one lock, or it is held longer than callers are apart, and the queue never drains.',
    }))
  }
}

function waited({ event, waitMs }: LockEvent): boolean {
  return event === 'waiting' || (event === 'acquired' && waitMs > 0)
}

function tellShare(share: number, requests: number, waits: LockEvent[], limit: number, findings: Findings): void {
  const locks = [...new Set(waits.map(({ lock }) => lock))].sort()
  findings.add('share', locks.join(), () => ({
    message:
      `in the steady step, ${count(waits.length, 'wait')} for ${names(locks)} came on ${requests} requests: ` +
      `${percent(share)}, and less than ${percent(limit)} is expected`,
    clients: [],
    evidence: waits.slice(0, 6).map(({ source }) => source),
    likelyCause:
      'The lock is taken where a cache hit needs none, is held across I/O, or one lock guards what many keys could share out.',
  }))
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
