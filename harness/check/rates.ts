import type { History, HistoryEvent } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'

/** The time in which a group had most events. */
export interface Burst {
  group: string
  events: HistoryEvent[]
}

/**
 * For each group of events that had more than `most` within some time of this length, the densest such time. An event
 * belongs to the group that `groupOf` names, or to none (null). Linear in the number of events.
 */
export function burstsBeyond(
  history: History,
  groupOf: (event: HistoryEvent) => string | null,
  most: number,
  perMs: number,
): Burst[] {
  const groups = new DefaultMap<string, HistoryEvent[]>(() => [])
  for (const event of history) {
    const group = groupOf(event)
    if (group !== null) groups.of(group).push(event)
  }
  return [...groups].flatMap(([group, events]) => {
    const densest = densestOf(events, perMs)
    return densest.length > most ? [{ group, events: densest }] : []
  })
}

function densestOf(events: readonly HistoryEvent[], perMs: number): HistoryEvent[] {
  let densest: readonly [from: number, to: number] = [0, 0]
  let from = 0
  for (let to = 1; to <= events.length; to++) {
    while (events[to - 1]!.timeMs - events[from]!.timeMs >= perMs) from++
    if (to - from > densest[1] - densest[0]) densest = [from, to]
  }
  return events.slice(...densest)
}
