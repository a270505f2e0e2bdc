import { type Access, meet, type Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** An operation that was performed, what it reached, and how many events of each thread happen before it, itself included. */
interface Event {
  readonly thread: number
  /** Its number among the events of its thread, from 1. */
  readonly number: number
  readonly reached: readonly Access[]
  readonly clock: readonly number[]
}

/** A state of the search, the operation that is tried there, and what is known of the others. */
interface Node {
  readonly enabled: readonly number[]
  /** The threads that are to be tried here, in the order in which that was found out. */
  readonly backtrack: number[]
  /** What the threads do here that need not be tried, by thread. */
  readonly sleep: (readonly Access[] | undefined)[]
  chosen: number
  /** What was done here; null until it has been. */
  event: Event | null
}

/**
 * Source-set DPOR with sleep sets (Abdulla, Aronis, Jonsson, Sagonas, "Optimal dynamic partial order reduction", POPL
 * 2014, algorithm 1): reaches every outcome while it runs one order of many that nobody can tell apart.
 *
 * What an event depends on is decided by what it did, not by what it might have done: an exchange that finds another
 * value only reads, and a call that nobody waits for only looks. This is sound, since what an event does follows from the
 * events before it that it depends on.
 *
 * Departures: an event that may have had to wait is compared with all earlier ones that it depends on, not with the
 * adjacent ones only. A lock follows the unlock before it, yet it is the earlier lock that can be overtaken. For the same
 * reason operations that still wait at the end of a schedule are compared as well. Both may only add branches.
 */
export function sourceSets(): Strategy {
  const path: Node[] = []
  /** How far the path is known from the schedule before, so that nothing has to be compared again. */
  let known = 0
  let depth = 0
  let last: Operation | null = null

  /** What the events before a depth say of a thread's past. */
  function clockOf(thread: number, before: number): readonly number[] {
    for (let at = before - 1; at >= 0; at--) if (path[at]!.event!.thread === thread) return path[at]!.event!.clock
    return []
  }

  /**
   * Looks for earlier events that an operation could have overtaken. Answers how many events of each thread happen before
   * it.
   */
  function compare(operation: Operation, reached: readonly Access[], before: number): number[] {
    const { thread } = operation
    const past = clockOf(thread, before)
    const waits = mayWait(operation)
    const clock = [...past]
    for (let at = before - 1; at >= 0; at--) {
      const event = path[at]!.event!
      if (event.thread === thread || precedes(event, waits ? past : clock) || !meet(event.reached, reached)) continue
      reverse(at, { thread, reached, before })
      join(clock, event.clock)
    }
    return clock
  }

  /** Makes sure that the state before an event also tries some thread that leads to the later one first. */
  function reverse(at: number, later: Later): void {
    const { backtrack, enabled } = path[at]!
    const initials = initialsAfter(at, later)
    if (initials.some((thread) => backtrack.includes(thread))) return
    const runnable = initials.find((thread) => enabled.includes(thread))
    if (runnable !== undefined) backtrack.push(runnable)
    else for (const thread of enabled) if (!backtrack.includes(thread)) backtrack.push(thread)
  }

  /** The threads that can begin what comes after an event and does not depend on it, and then the later operation. */
  function initialsAfter(at: number, { thread: own, reached, before }: Later): number[] {
    const first = path[at]!.event!
    const clock = clockOf(own, before)
    const rest: Event[] = []
    const initials: number[] = []
    const begun = new Set<number>()
    let follows = false
    for (let next = at + 1; next < before; next++) {
      const event = path[next]!.event!
      if (precedes(first, event.clock)) continue
      if (!begun.has(event.thread)) {
        begun.add(event.thread)
        if (!rest.some((earlier) => precedes(earlier, event.clock))) initials.push(event.thread)
      }
      follows ||= precedes(event, clock) || meet(event.reached, reached)
      rest.push(event)
    }
    if (!begun.has(own) && !follows) initials.unshift(own)
    return initials
  }

  /** The last operation has been performed: enters what it did. */
  function settle(): void {
    if (last === null) return
    const at = depth - 1
    const operation = last
    last = null
    const { thread } = operation
    const reached = operation.reached?.() ?? operation.accesses
    const clock = compare(operation, reached, at)
    const number = (clock[thread] ?? 0) + 1
    clock[thread] = number
    path[at]!.event = { thread, number, reached, clock }
  }

  /** What sleeps in the next state: the sleepers that the last operation does not concern. */
  function sleepers(): (readonly Access[] | undefined)[] {
    const node = path[depth - 1]
    if (node === undefined) return []
    const { thread, reached } = node.event!
    return node.sleep.map((asleep, sleeper) =>
      asleep === undefined || sleeper === thread || meet(asleep, reached) ? undefined : asleep,
    )
  }

  return {
    name: 'source-sets',
    foretold: () => path.map(({ chosen }) => chosen),
    begin() {
      known = path.length - 1
      depth = 0
      last = null
    },
    pick(enabled) {
      settle()
      let node = path[depth]
      if (node === undefined) {
        const sleep = sleepers()
        const awake = enabled.find(({ thread }) => sleep[thread] === undefined)
        if (awake === undefined) return null
        const { thread } = awake
        node = { enabled: enabled.map((one) => one.thread), backtrack: [thread], sleep, chosen: thread, event: null }
        path.push(node)
      }
      const operation = operationOf(node.chosen, enabled)
      if (depth++ >= known) last = operation
      return operation
    },
    end(pending) {
      settle()
      for (const operation of pending) compare(operation, operation.accesses, depth)
      for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
        const { sleep, backtrack } = node
        sleep[node.chosen] = node.event!.reached
        const next = backtrack.find((thread) => sleep[thread] === undefined)
        if (next !== undefined) {
          node.chosen = next
          node.event = null
          return true
        }
        path.pop()
      }
      return false
    },
  }
}

/** An operation that comes after all events before a depth. */
interface Later {
  readonly thread: number
  readonly reached: readonly Access[]
  readonly before: number
}

/** A loop, since it is asked for at each step, and a function to find with would be made each time. */
function operationOf(thread: number, operations: readonly Operation[]): Operation {
  for (const operation of operations) if (operation.thread === thread) return operation
  throw new Error(`expected thread ${thread} to be able to take the step that it took before`)
}

/** Whether an event happens before whatever has this clock. */
function precedes({ thread, number }: Event, later: readonly number[]): boolean {
  return (later[thread] ?? 0) >= number
}

function join(clock: number[], other: readonly number[]): void {
  for (let thread = 0; thread < other.length; thread++) {
    clock[thread] = Math.max(clock[thread] ?? 0, other[thread] ?? 0)
  }
}

/** Whether another thread may have to act first. */
function mayWait({ kind, insisting }: Operation): boolean {
  return insisting !== undefined || kind === 'lock' || kind === 'wake' || kind === 'acquire'
}
