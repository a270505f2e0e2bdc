import { conflict, type Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** A state of the search, the operation that is tried there, and what is known of the others. */
interface Node {
  readonly enabled: readonly number[]
  readonly backtrack: Set<number>
  readonly sleep: Map<number, Operation>
  readonly done: Set<number>
  chosen: number
}

/** An operation that was performed, and how many events of each thread happen before it, itself included. */
interface Event {
  readonly operation: Operation
  readonly clock: readonly number[]
}

/**
 * Source-set DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction", POPL
 * 2014, algorithm 1): reaches every outcome while it runs one order of many that nobody can tell apart.
 *
 * Departures: an event is compared with all earlier conflicting ones that it does not depend on otherwise, not with the
 * adjacent ones only. A lock follows the unlock before it, yet it is the earlier lock that can be overtaken. For the
 * same reason operations that still wait at the end of a schedule are compared as well. Both may only add branches.
 */
export function sourceSets(): Strategy {
  const path: Node[] = []
  let events: Event[] = []
  let clocks = new Map<number, number[]>()

  const clockOf = (thread: number) => clocks.get(thread) ?? []
  const precedes = ({ operation, clock }: Event, later: readonly number[]) =>
    (later[operation.thread] ?? 0) >= clock[operation.thread]!

  function compare(operation: Operation): void {
    const clock = clockOf(operation.thread)
    for (let at = events.length - 1; at >= 0; at--) {
      const event = events[at]!
      if (event.operation.thread === operation.thread || precedes(event, clock)) continue
      if (conflict(event.operation, operation)) reverse(at, operation)
    }
  }

  /** Makes sure that the state before an event also tries some thread that leads to the operation first. */
  function reverse(at: number, operation: Operation): void {
    const node = path[at]!
    const initials = initialsAfter(at, operation)
    if (initials.some((thread) => node.backtrack.has(thread))) return
    const runnable = initials.filter((thread) => node.enabled.includes(thread))
    for (const thread of runnable.length > 0 ? runnable.slice(0, 1) : node.enabled) node.backtrack.add(thread)
  }

  /** The threads that can begin what comes after an event and does not depend on it, and then the operation. */
  function initialsAfter(at: number, operation: Operation): number[] {
    const rest = events.slice(at + 1).filter((event) => !precedes(events[at]!, event.clock))
    const threads = new Set<number>()
    const initials: number[] = []
    rest.forEach(({ operation: { thread }, clock }, index) => {
      if (threads.has(thread)) return
      threads.add(thread)
      if (!rest.slice(0, index).some((earlier) => precedes(earlier, clock))) initials.push(thread)
    })
    const clock = clockOf(operation.thread)
    const depends = (event: Event) => precedes(event, clock) || conflict(event.operation, operation)
    if (!threads.has(operation.thread) && !rest.some(depends)) initials.unshift(operation.thread)
    return initials
  }

  function perform(operation: Operation): void {
    const clock = [...clockOf(operation.thread)]
    for (const event of events) {
      if (!conflict(event.operation, operation)) continue
      event.clock.forEach((count, thread) => {
        if (count > (clock[thread] ?? 0)) clock[thread] = count
      })
    }
    clock[operation.thread] = (clock[operation.thread] ?? 0) + 1
    clocks.set(operation.thread, clock)
    events.push({ operation, clock })
  }

  /** What sleeps in the next state: the sleepers that the last operation does not concern. */
  function sleepers(): Map<number, Operation> {
    const node = path[events.length - 1]
    const last = events[events.length - 1]?.operation
    if (node === undefined || last === undefined) return new Map()
    return new Map([...node.sleep].filter(([thread, op]) => thread !== last.thread && !conflict(op, last)))
  }

  return {
    name: 'source-sets',
    begin() {
      events = []
      clocks = new Map()
    },
    pick(enabled) {
      let node = path[events.length]
      if (node === undefined) {
        const sleep = sleepers()
        const awake = enabled.find(({ thread }) => !sleep.has(thread))
        if (awake === undefined) return null
        const threads = enabled.map(({ thread }) => thread)
        node = { enabled: threads, backtrack: new Set([awake.thread]), sleep, done: new Set(), chosen: awake.thread }
        path.push(node)
      }
      const { chosen } = node
      const operation = enabled.find(({ thread }) => thread === chosen) as Operation
      compare(operation)
      perform(operation)
      return operation
    },
    end(pending) {
      for (const operation of pending) compare(operation)
      for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
        node.done.add(node.chosen)
        node.sleep.set(node.chosen, events[path.length - 1]!.operation)
        const { done, sleep } = node
        const next = [...node.backtrack].find((thread) => !done.has(thread) && !sleep.has(thread))
        if (next !== undefined) {
          node.chosen = next
          return true
        }
        path.pop()
      }
      return false
    },
  }
}
