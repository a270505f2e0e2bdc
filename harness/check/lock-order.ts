import type { History } from '../history/event.ts'
import { type Check, judged, unseen } from './check.ts'
import { DefaultMap } from './default-map.ts'
import { Findings } from './findings.ts'
import { type LockEvent, lockEvents } from './probes.ts'

/** Somebody who held one lock asked for another. */
interface Step {
  held: LockEvent
  wanted: LockEvent
  /** Other locks that were held each time this step was taken: they keep two parties from meeting. */
  guards: Set<string>
}

/** Steps by the name of the lock held and of the lock wanted. */
type Order = ReadonlyMap<string, ReadonlyMap<string, Step>>

/**
 * Locks are always taken in the same order: no owner asks for lock B while it holds A, where another asks for A while it
 * holds B, also when nothing hung this time. Locks count by name, as the kernel's lockdep has its classes; two locks of
 * one name are not compared. A cycle that a common outer lock guards is harmless, and silent.
 */
export function lockOrder(): Check {
  return {
    name: 'lock-order',
    judge(history) {
      const { order, events } = orderOf(history)
      if (events === 0) return unseen('the target publishes no locks through raceproof/probe')
      const findings = new Findings('lock-order')
      for (const cycle of cyclesOf(order)) if (!isGuarded(cycle)) tell(cycle, findings)
      return judged(findings.told())
    },
  }
}

function orderOf(history: History): { order: Order; events: number } {
  const order = new DefaultMap<string, Map<string, Step>>(() => new Map())
  const owners = new DefaultMap<string, LockEvent[]>(() => [])
  let events = 0
  for (const event of lockEvents(history)) {
    events++
    const owner = `${event.source.process} ${event.owner}`
    const held = owners.of(owner)
    if (event.event === 'waiting' || event.event === 'acquired') for (const lock of held) note(order, lock, event, held)
    if (event.event === 'acquired') held.push(event)
    else if (event.event === 'released') release(owners, owner, event)
  }
  return { order, events }
}

function release(owners: Map<string, LockEvent[]>, owner: string, { object }: LockEvent): void {
  const rest = (owners.get(owner) ?? []).filter((lock) => lock.object !== object)
  // Owners come and go with the requests; only those that hold something are kept.
  if (rest.length === 0) owners.delete(owner)
  else owners.set(owner, rest)
}

function note(
  order: DefaultMap<string, Map<string, Step>>,
  held: LockEvent,
  wanted: LockEvent,
  all: LockEvent[],
): void {
  if (held.lock === wanted.lock) return
  const guards = new Set(all.map(({ object }) => object).filter((object) => object !== held.object))
  const known = order.of(held.lock).get(wanted.lock)
  if (known === undefined) order.of(held.lock).set(wanted.lock, { held, wanted, guards })
  else for (const guard of known.guards) if (!guards.has(guard)) known.guards.delete(guard)
}

/** The shortest cycle through each step, each cycle once. */
function cyclesOf(order: Order): Step[][] {
  const cycles = new Map<string, Step[]>()
  for (const [held, wanted] of order) {
    for (const [next, step] of wanted) {
      const back = shortestPath(order, next, held)
      if (back === null) continue
      const cycle = [step, ...back]
      const locks = cycle.map((part) => part.held.lock).sort()
      if (!cycles.has(locks.join())) cycles.set(locks.join(), cycle)
    }
  }
  return [...cycles.values()]
}

function shortestPath(order: Order, from: string, to: string): Step[] | null {
  const paths = new Map<string, Step[]>([[from, []]])
  for (const [lock, path] of paths) {
    if (lock === to) return path
    // A map may grow while it is walked, which makes this a breadth-first search.
    for (const [next, step] of order.get(lock) ?? []) if (!paths.has(next)) paths.set(next, [...path, step])
  }
  return null
}

function isGuarded([first, ...rest]: readonly Step[]): boolean {
  return [...(first?.guards ?? [])].some((guard) => rest.every(({ guards }) => guards.has(guard)))
}

function tell(cycle: readonly Step[], findings: Findings): void {
  const locks = cycle.map(({ held }) => held.lock)
  findings.add('cycle', locks.join(' → '), () => ({
    message: `locks are taken in both orders: ${cycle.map(placeOf).join('; ')}`,
    clients: [],
    evidence: cycle.flatMap(({ held, wanted }) => [held.source, wanted.source]),
    likelyCause:
      'Two ways through the code take the same locks in different orders; when they meet, both wait for ever.',
  }))
}

function placeOf({ held, wanted }: Step): string {
  return `${wanted.owner} asked for ${named(wanted)} while it held ${named(held)}`
}

function named({ lock, key }: LockEvent): string {
  return key === undefined ? lock : `${lock} (${key})`
}
