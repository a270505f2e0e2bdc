import type { History } from '../history/event.ts'
import { doubleLoadsOf } from './double-loads.ts'
import type { Findings } from './findings.ts'
import { cacheEvents, type LockEvent } from './probes.ts'
import type { Within } from './steps.ts'
import { at } from './wording.ts'

/**
 * Judges the step in which many ask for the same keys at once: each key is created once, and no caller waits for a lock
 * object that is held for another key. Says why it could not be judged, or null.
 */
export function judgeStampede(
  history: History,
  locks: readonly LockEvent[],
  within: Within,
  findings: Findings,
): string | null {
  for (const { waiter, holder } of foreignWaits(locks)) {
    if (within(waiter.source.timeMs)) tellForeignWait(waiter, holder, findings)
  }
  for (const { cache, key, first, second } of doubleLoadsOf(history)) {
    if (!within(second.timeMs)) continue
    findings.add('creations', `${cache} ${key}`, () => ({
      message:
        `in the stampede, key ${key} of cache ${cache} was created at ${at(first.timeMs)} and again at ` +
        `${at(second.timeMs)}; one creation is expected`,
      clients: [],
      evidence: [first, second],
      likelyCause: 'The check is not repeated inside the lock, or there is no lock around check and creation.',
    }))
  }
  const loaded = [...cacheEvents(history)].some(({ event, source }) => event === 'load' && within(source.timeMs))
  return loaded ? null : 'nothing was created in the stampede, so nothing was raced for'
}

/** Each wait for a lock object that is held for another key, with the acquisition that it waits for. */
function* foreignWaits(locks: readonly LockEvent[]): Generator<{ waiter: LockEvent; holder: LockEvent }> {
  const holders = new Map<string, LockEvent>()
  for (const event of locks) {
    if (event.event === 'acquired') holders.set(event.object, event)
    else if (event.event === 'released') holders.delete(event.object)
    else if (event.event === 'waiting') {
      const holder = holders.get(event.object)
      if (holder?.key !== undefined && event.key !== undefined && holder.key !== event.key) {
        yield { waiter: event, holder }
      }
    }
  }
}

function tellForeignWait(waiter: LockEvent, holder: LockEvent, findings: Findings): void {
  findings.add('foreign', `${waiter.lock} ${waiter.key}`, () => ({
    message:
      `in the stampede, a caller that wanted key ${waiter.key} waited at ${at(waiter.source.timeMs)} for lock ` +
      `${waiter.lock}, which was held for key ${holder.key} since ${at(holder.source.timeMs)}`,
    clients: [],
    evidence: [holder.source, waiter.source],
    likelyCause: 'One lock is held for all keys during a creation; a lock for each key lets creations overlap.',
  }))
}
