import { type Call, calls } from '../history/calls.ts'
import type { History, HistoryEvent } from '../history/event.ts'

/** A call with the places of its events in the history, which are their order: times may tie. */
export interface PlacedCall extends Call {
  begin: number
  /** The place of its completion, whatever that says; infinite while it is open. */
  end: number
  /** By when its effect has certainly come: at its completion if that is known, else nobody knows. */
  settled: number
  events: HistoryEvent[]
}

/** Pairs invocations with completions as {@link calls} does, and keeps their places. */
export function placedCalls(history: History): PlacedCall[] {
  const places = new Map<number, { begin: number; end: number }>()
  for (let place = 0; place < history.length; place++) {
    const event = history[place]!
    if (event.type === 'invoke') places.set(event.call, { begin: place, end: Number.POSITIVE_INFINITY })
    else if (event.type === 'ok' || event.type === 'fail' || event.type === 'info') {
      const begun = places.get(event.call)
      if (begun !== undefined) begun.end = place
    }
  }
  return calls(history).map((call) => {
    const { begin, end } = places.get(call.call)!
    const events = [begin, end].filter(Number.isFinite).map((place) => history[place]!)
    return { ...call, begin, end, settled: call.outcome.known ? end : Number.POSITIVE_INFINITY, events }
  })
}
