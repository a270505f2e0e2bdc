import type { FaultEvent, History } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import type { Duration } from './latency.ts'
import { type Stream, streamsOf } from './subscriptions.ts'

/**
 * How long after the first receiver of an event each of the others received it. Only those count that were listening by
 * then, since others get it as part of what they missed, and only while no fault was on their client.
 */
export function deliveryLags(history: History): Duration[] {
  const disturbed = disturbances(history)
  return streamsOf(history).flatMap((stream) => lagsOf(stream, disturbed))
}

function lagsOf({ name, subscriptions }: Stream, disturbed: (client: string, timeMs: number) => boolean): Duration[] {
  const firstMs = new Map<number, number>()
  for (const { id, timeMs } of subscriptions.flatMap(({ events }) => events)) {
    firstMs.set(id, Math.min(firstMs.get(id) ?? Number.POSITIVE_INFINITY, timeMs))
  }
  return subscriptions.flatMap(({ begin, events }) =>
    events
      .filter(({ id, client, timeMs }) => firstMs.get(id)! > begin.timeMs && !disturbed(client, timeMs))
      .map((event) => ({ what: name, tookMs: event.timeMs - firstMs.get(event.id)!, ended: event })),
  )
}

/** Tells whether any fault was on a client at a time. */
function disturbances(history: History): (client: string, timeMs: number) => boolean {
  const faults = new DefaultMap<string, FaultEvent[]>(() => [])
  for (const event of history) if (event.type === 'fault') faults.of(event.scope).push(event)
  return (client, timeMs) => {
    const before = (faults.get(client) ?? []).filter((fault) => fault.timeMs <= timeMs)
    return before.reduce((open, { action }) => open + (action === 'start' ? 1 : -1), 0) > 0
  }
}
