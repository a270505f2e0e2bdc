import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'
import { TraceHash } from './trace-hash.ts'

/** A state, as far as anybody can tell states apart, and what comes after it. */
interface Place {
  /** Nothing new can come after it. */
  spent: boolean
  /** The threads that can go on from here. */
  readonly threads: readonly number[]
  /** What comes next when a thread goes on, by thread. */
  readonly next: (Place | undefined)[]
}

/** So many steps that places offer are remembered; a program that has more hardly ever repeats itself. */
const stepsMax = 200_000

/**
 * The strategy with few schedules that nobody could tell from earlier ones: a step is not offered when it is known to lead
 * to nothing but what has been seen. Two schedules are alike when they have the same events with the same order of those that
 * conflict, which is told by a hash; so what is left out is almost certainly, but not provably, a repetition.
 *
 * Small programs have few schedules that differ, and random strategies would run the likely ones again and again. It is
 * for strategies that bring every schedule to its end.
 */
export function unrepeated(strategy: Strategy): Strategy {
  const places = new Map<number, Place>()
  let trace = new TraceHash()
  let room = stepsMax
  let path: Place[] = []
  let threads: number[] = []
  let last: Operation | null = null

  /** The place that the events so far lead to. One that there is no room for is forgotten when the schedule ends. */
  function arrive(able: readonly Operation[]): Place {
    const known = places.get(trace.value)
    const place = known ?? { spent: false, threads: able.map(({ thread }) => thread), next: [] }
    const isKept = known !== undefined || room > 0
    if (known === undefined && isKept) {
      places.set(trace.value, place)
      room -= 1 + able.length
    }
    const before = path.at(-1)
    if (before !== undefined && isKept) before.next[threads.at(-1)!] = place
    path.push(place)
    return place
  }

  function settle(): void {
    if (last !== null) trace.add(last)
    last = null
  }

  return {
    name: strategy.name,
    begin() {
      trace = new TraceHash()
      path = []
      threads = []
      last = null
      strategy.begin()
    },
    pick(enabled, pending) {
      settle()
      const { next } = arrive(enabled)
      const fresh = enabled.filter(({ thread }) => next[thread]?.spent !== true)
      last = strategy.pick(fresh.length > 0 ? fresh : enabled, pending)
      if (last !== null) threads.push(last.thread)
      return last
    },
    end(pending) {
      settle()
      arrive([]).spent = true
      for (const place of path.toReversed()) place.spent ||= place.threads.every((thread) => place.next[thread]?.spent)
      return strategy.end(pending) && !path[0]!.spent
    },
  }
}
