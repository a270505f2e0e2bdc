import type { DeliveryObservation } from '../history/event.ts'
import type { CutBetween } from './cuts.ts'
import type { RestBetween } from './rest.ts'
import { eventsIn, type Span, sequenceFaults, spans } from './sequence.ts'
import type { Window } from './stream-life.ts'
import type { Subscription } from './subscriptions.ts'

/** What one subscriber has to complain about; equal texts of several subscribers are told together. */
export interface Complaint {
  kind: 'lost' | 'cut' | 'duplicated' | 'reordered' | 'resume' | 'stale' | 'ending' | 'unfinished' | 'refused'
  /** What happened, to follow the subscriber's name: `never received events 14–20`. */
  text: string
  /** The ids that it is about. */
  about: Span[]
}

/** What all subscribers of one stream are measured by. */
export interface Measure {
  /** The terminal event that anybody received; the one with the lowest id if there are several. */
  ending: DeliveryObservation | undefined
  /** When the stream certainly existed. */
  lives: readonly Window[]
  restBetween: RestBetween
  /** When the harness asked the target to stop. */
  stopMs: number
  cutBetween: CutBetween
}

/** Everything that is wrong with what one subscriber received. Linear in what it received when nothing is wrong. */
export function complaintsOf(subscription: Subscription, measure: Measure): Complaint[] {
  const { begin, events, gaps } = subscription
  const { after } = begin
  const ids = events.map(({ id }) => id)
  const faults = sequenceFaults(ids, { after, upTo: owedUpTo(subscription, measure), gaps })
  const complaints = [
    missing(faults.missing, subscription, measure),
    told('duplicated', faults.duplicated, (which) => `received ${which} more than once`),
    told('reordered', faults.late, (which) => `received ${which} after a later one`),
    told('stale', faults.stale, (which) => `subscribed after event ${after} but received ${which} again`),
    beyondEnding(events, measure.ending),
    unfinished(subscription, measure),
    refused(subscription, measure),
  ]
  return complaints.filter((complaint) => complaint !== null)
}

/**
 * The last id that the subscriber had to receive: the terminal event's, where it should have stayed until then. Else
 * what it received is a prefix, which only has to be free of holes.
 */
function owedUpTo(subscription: Subscription, measure: Measure): number {
  const { begin, end } = subscription
  if (measure.ending === undefined) return begin.after
  const stayed = end?.reason === 'complete' || wasCutOff(subscription, measure) || wasStuck(subscription, measure)
  return stayed ? measure.ending.id : begin.after
}

/** Still listening at a moment of rest, when the stream's end had been delivered to somebody. */
export function wasStuck(
  { begin, end }: Subscription,
  { ending, restBetween }: Pick<Measure, 'ending' | 'restBetween'>,
): boolean {
  if (ending === undefined) return false
  return restBetween(Math.max(begin.timeMs, ending.timeMs), end?.timeMs ?? Number.POSITIVE_INFINITY)
}

/** The connection ended without a word before the stream's end had come, and no fault can have done it. */
function wasCutOff({ begin, events, end }: Subscription, { ending, cutBetween }: Measure): boolean {
  if (end?.reason !== 'lost' || cutBetween(begin.client, begin.timeMs, end.timeMs)) return false
  return ending === undefined || (events.at(-1)?.id ?? begin.after) < ending.id
}

function missing(lost: Span[], subscription: Subscription, measure: Measure): Complaint | null {
  const cutOff = wasCutOff(subscription, measure)
  const { begin, events, end } = subscription
  if (cutOff) {
    const since = events.length > 0 ? `after event ${events.at(-1)!.id}` : 'before its first event'
    const detail = end?.detail ? ` (${end.detail})` : ''
    const never = lost.length > 0 ? ` and never received ${eventsIn(lost)}` : ''
    return { kind: 'cut', text: `lost the connection without a word ${since}${detail}${never}`, about: lost }
  }
  if (lost.length === 0) return null
  const resumed = begin.after > 0 && lost[0]!.from === begin.after + 1
  const last = measure.ending !== undefined && lost.at(-1)!.to === measure.ending.id
  const text = [
    resumed ? `subscribed after event ${begin.after} but` : '',
    `never received ${eventsIn(lost)}`,
    last ? `(${measure.ending!.id} is the terminal event)` : '',
    wasStuck(subscription, measure) ? 'and still listened at rest' : '',
  ]
  return { kind: resumed ? 'resume' : 'lost', text: text.filter(Boolean).join(' '), about: lost }
}

function told(kind: Complaint['kind'], ids: number[], tell: (which: string) => string): Complaint | null {
  if (ids.length === 0) return null
  const about = spans(ids)
  return { kind, text: tell(eventsIn(about)), about }
}

function beyondEnding(events: DeliveryObservation[], ending: DeliveryObservation | undefined): Complaint | null {
  if (ending === undefined || !events.some(({ id }) => id > ending.id)) return null
  const beyond = events.filter(({ id }) => id > ending.id)
  const about = spans(beyond.map(({ id }) => id))
  const kinds = [...new Set(beyond.map(({ kind }) => kind))].join(', ')
  const text = `received ${eventsIn(about)} (${kinds}) beyond the terminal event ${ending.id} (${ending.kind})`
  return { kind: 'ending', text, about: [...about, { from: ending.id, to: ending.id }] }
}

/** Told that all was complete, although nobody ever saw a terminal event. */
function unfinished({ begin, events, end }: Subscription, { ending }: Measure): Complaint | null {
  if (end?.reason !== 'complete' || ending !== undefined) return null
  // Nothing came because it may have had everything, from a source that the history does not show.
  if (begin.after > 0 && events.length === 0) return null
  const since = events.length > 0 ? `after event ${events.at(-1)!.id}` : 'without any event'
  return {
    kind: 'unfinished',
    text: `heard that the stream is complete ${since}, but got no terminal event`,
    about: [],
  }
}

function refused({ begin, end }: Subscription, { lives, stopMs, cutBetween }: Measure): Complaint | null {
  if (end?.reason !== 'refused' || end.timeMs >= stopMs || isOnPurpose(end.detail)) return null
  if (!lives.some(({ fromMs, untilMs }) => fromMs <= begin.timeMs && end.timeMs <= untilMs)) return null
  if (cutBetween(begin.client, begin.timeMs, end.timeMs)) return null
  const detail = end.detail ? ` (${end.detail})` : ''
  return { kind: 'refused', text: `met a refusal${detail} although the stream existed`, about: [] }
}

/** For lack of room (429, 503), or because this way of listening is not offered (501), which says nothing of the stream. */
function isOnPurpose(detail = ''): boolean {
  return /\b(429|501|503)\b/.test(detail)
}
