import { DefaultMap } from './default-map.ts'
import type { LockEvent } from './probes.ts'

/** A caller that waits for a lock, and how many that asked after it got the lock before it. */
export interface Overtaken {
  waiter: LockEvent
  times: number
  /** The acquisition by the last of them. */
  by: LockEvent
}

/** All waiters that were overtaken, in order. Whoever got a lock without having to wait asked when it got it. */
export function overtakings(locks: Iterable<LockEvent>): Overtaken[] {
  const queues = new DefaultMap<string, Map<string, Overtaken>>(() => new Map())
  const found = new Set<Overtaken>()
  for (const event of locks) {
    const queue = queues.of(event.object)
    const caller = `${event.source.process} ${event.owner}`
    if (event.event === 'waiting') queue.set(caller, { waiter: event, times: 0, by: event })
    else if (event.event === 'abandoned') queue.delete(caller)
    else if (event.event === 'acquired') {
      for (const overtaken of aheadOf(caller, queue)) {
        overtaken.times++
        overtaken.by = event
        found.add(overtaken)
      }
      queue.delete(caller)
    }
  }
  return [...found]
}

/** The waiters that asked before a caller; all, if it did not wait. */
function aheadOf(caller: string, queue: ReadonlyMap<string, Overtaken>): Overtaken[] {
  const places = [...queue.keys()]
  const own = places.indexOf(caller)
  return [...queue.values()].slice(0, own === -1 ? undefined : own)
}
