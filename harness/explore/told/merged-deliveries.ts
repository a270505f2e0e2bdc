import type { HistoryEvent } from '../../history/event.ts'

/** Some events of a record that can be told in one line. */
export interface EventGroup {
  /** Where the first of them stands in the history. */
  index: number
  first: HistoryEvent
  last: HistoryEvent
}

/** Each event of a history, but events that one subscriber sees one after the other, without a gap, as one group. */
export function mergedDeliveries(history: readonly HistoryEvent[]): EventGroup[] {
  const groups: EventGroup[] = []
  for (const [index, event] of history.entries()) {
    const group = groups.at(-1)
    if (group !== undefined && follows(event, group.last)) group.last = event
    else groups.push({ index, first: event, last: event })
  }
  return groups
}

function follows(event: HistoryEvent, last: HistoryEvent): boolean {
  if (event.type !== 'observe' || last.type !== 'observe' || event.f !== 'event' || last.f !== 'event') return false
  return event.subscriber === last.subscriber && event.stream === last.stream && event.id === last.id + 1
}
