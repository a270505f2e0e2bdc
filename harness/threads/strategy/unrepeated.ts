import type { Operation } from '../operation.ts'
import { type Place, Places } from './places.ts'
import type { Strategy } from './strategy.ts'
import { TraceHash } from './trace-hash.ts'

/**
 * The strategy with few schedules that nobody could tell from earlier ones: a step is not offered when it is known to lead
 * to nothing but what has been seen. Two schedules are alike when they have the same events with the same order of those that
 * conflict, which is told by a hash; so what is left out is almost certainly, but not provably, a repetition.
 *
 * Small programs have few schedules that differ, and random strategies would run the likely ones again and again. It is
 * for strategies that bring every schedule to its end.
 */
export function unrepeated(strategy: Strategy): Strategy {
  const places = new Places()
  let trace = new TraceHash()
  let first: Place | null = null
  /** The places of the schedule; null for those that are not remembered, which are taken for new. */
  let path: (Place | null)[] = []
  let last: Operation | null = null

  /** The place that the events so far lead to. */
  function arrive(able: readonly Operation[]): Place | null {
    const place = places.at(trace, able)
    const before = path.at(-1)
    if (place !== null && before) before.next[last!.thread] = place
    path.push(place)
    return place
  }

  function settle(): void {
    if (last !== null) trace.add(last)
  }

  return {
    name: strategy.name,
    begin() {
      trace = new TraceHash()
      path = []
      last = null
      strategy.begin()
    },
    pick(enabled, pending) {
      settle()
      const place = arrive(enabled)
      first ??= place
      last = strategy.pick(freshOf(enabled, place), pending)
      return last
    },
    end(pending) {
      settle()
      const end = arrive([])
      if (end !== null) end.spent = true
      for (const place of path.toReversed()) if (place !== null) place.spent ||= isSpent(place)
      return strategy.end(pending) && first?.spent !== true
    },
  }
}

/** The operations that can lead to something new; all of them when there is none. */
function freshOf(enabled: readonly Operation[], place: Place | null): readonly Operation[] {
  if (place === null || !place.next.some((next) => next?.spent)) return enabled
  const fresh = enabled.filter(({ thread }) => place.next[thread]?.spent !== true)
  return fresh.length > 0 ? fresh : enabled
}

function isSpent({ threads, next }: Place): boolean {
  return threads.every((thread) => next[thread]?.spent)
}
