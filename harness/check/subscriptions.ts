import type {
  DeliveryObservation,
  EndObservation,
  GapObservation,
  History,
  ObserveEvent,
  SubscribeObservation,
} from '../history/event.ts'
import { DefaultMap } from './default-map.ts'

/** What one subscriber saw of its stream. */
export interface Subscription {
  begin: SubscribeObservation
  /** What it received, in the order in which it came. */
  events: DeliveryObservation[]
  gaps: GapObservation[]
  /** Undefined while it still listens at the end of the history. */
  end: EndObservation | undefined
}

/** All subscriptions to one stream, in the order in which they began. */
export interface Stream {
  name: string
  subscriptions: Subscription[]
}

/** Sorts what subscribers saw by stream and subscriber, in one pass. */
export function streamsOf(history: History): Stream[] {
  const streams = new DefaultMap<string, Stream>((name) => ({ name, subscriptions: [] }))
  const open = new Map<string, Subscription>()
  for (const event of history) {
    if (event.type !== 'observe') continue
    if (event.f === 'subscribe') {
      const subscription: Subscription = { begin: event, events: [], gaps: [], end: undefined }
      open.set(event.subscriber, subscription)
      streams.of(event.stream).subscriptions.push(subscription)
    } else {
      const subscription = open.get(event.subscriber)
      if (subscription !== undefined) note(subscription, event)
    }
  }
  return [...streams.values()]
}

function note(subscription: Subscription, event: Exclude<ObserveEvent, SubscribeObservation>): void {
  if (event.f === 'event') subscription.events.push(event)
  else if (event.f === 'gap') subscription.gaps.push(event)
  else subscription.end = event
}

/** The kinds of event that end a stream, unless a check is told otherwise. */
export const terminalKinds: readonly string[] = ['completed', 'failed', 'deleted']

/** The terminal event of a stream when somebody first received it; of several, the one with the lowest id. */
export function endingOf({ subscriptions }: Stream, kinds: ReadonlySet<string>): DeliveryObservation | undefined {
  let ending: DeliveryObservation | undefined
  for (const { events } of subscriptions) {
    for (const event of events) {
      if (kinds.has(event.kind) && (ending === undefined || comesFirst(event, ending))) ending = event
    }
  }
  return ending
}

function comesFirst(event: DeliveryObservation, other: DeliveryObservation): boolean {
  return event.id < other.id || (event.id === other.id && event.timeMs < other.timeMs)
}

/** How messages name a subscriber: `c17/40 (ws)`. */
export function nameOf({ begin }: Subscription): string {
  return `${begin.subscriber} (${begin.via})`
}
