import type { Call } from '../history/calls.ts'
import type { DeliveryObservation, EndObservation, History, HistoryEvent } from '../history/event.ts'
import { type Check, type Judgement, judged, unseen } from './check.ts'
import { cutsOf } from './cuts.ts'
import { DeliveryWatch } from './delivery-watch.ts'
import { disagreements } from './disagreements.ts'
import { Findings } from './findings.ts'
import { restsOf, stopMs } from './rest.ts'
import type { Span } from './sequence.ts'
import { declaredLives, type LifeOfStream, provenLife } from './stream-life.ts'
import { type Complaint, complaintsOf, type Measure } from './subscriber-complaints.ts'
import { endingOf, nameOf, type Stream, type Subscription, streamsOf, terminalKinds } from './subscriptions.ts'
import { at, count, names } from './wording.ts'

export interface DeliveryOptions {
  /** The kinds of event that end a stream; `completed`, `failed` and `deleted` unless told otherwise. */
  terminal?: readonly string[]
  /**
   * Judges the content of a stream that a subscriber saw whole, from event 1 to the terminal event: says what is wrong,
   * or null. Asked once a stream; the history is the same object each time, so that an index of it may be kept.
   */
  complete?: (history: History, stream: string, events: readonly DeliveryObservation[]) => string | null
  /** Which calls begin and end a stream's life. Without it, only subscribers can prove that a refusal was wrong. */
  lifetime?: (call: Call) => LifeOfStream | null
}

const likelyCauses: Record<Complaint['kind'] | 'phantom' | 'order' | 'content', string> = {
  lost: 'An event is published while the subscriber is not registered, or to a list of subscribers that is out of date.',
  cut: 'The stream is cleaned up by somebody who is not its last user, or on a check that was true before an await.',
  duplicated: 'Replay and live delivery overlap: both send the events around the moment of registration.',
  reordered: 'Sends that are awaited one by one overtake each other; an event must be numbered and sent in one step.',
  resume: 'Resume starts at the wrong id: it must send what comes right after the last id that the client has.',
  stale: 'Resume starts one event too early, or ignores the id that the client sends.',
  ending: 'Two parties end the stream, or one goes on after its end: completion and deletion must be one decision.',
  unfinished: 'The connection is closed as finished before the terminal event was sent.',
  refused: 'The subscriber looks the stream up before it is registered, or after a cleanup that was not about it.',
  phantom: 'One id was given out twice, or the event belongs to another stream.',
  order:
    'Events are numbered when they are sent to each subscriber; they must be numbered once, when they are published.',
  content: 'The stream was ended before its source was read to the end.',
}

/**
 * Every subscriber receives each event of its stream exactly once and in order, from right after the id that it said it
 * had, up to one terminal event, which is the last.
 *
 * What was announced as gone (`gap`) is not lost. A subscriber that was cut on purpose, or disconnected with a reason,
 * is owed a correct prefix; so is one whose connection a fault may have ended, and one still listening when the run
 * broke off. A refusal is wrong only if the stream certainly existed from before the question until after the answer,
 * and never one for lack of room (429, 503), of a way that is not offered (501), or after the target was asked to stop. Linear in the number of events.
 */
export function delivery(options: DeliveryOptions = {}): Check {
  return {
    name: 'delivery',
    judge: (history) => judgeDelivery(history, options),
    watch: () => new DeliveryWatch(options.terminal ?? terminalKinds),
  }
}

function judgeDelivery(history: History, options: DeliveryOptions): Judgement {
  const streams = streamsOf(history)
  if (streams.length === 0) return unseen('nobody subscribed to a stream')
  const findings = new Findings('delivery')
  const measureOf = measures(history, options)
  for (const stream of streams) {
    const whole = judgeSubscribers(stream, measureOf(stream), findings)
    judgeAgreement(stream, findings)
    judgeContent(stream, whole, (events) => options.complete?.(history, stream.name, events) ?? null, findings)
  }
  const delivered = streams.some(({ subscriptions }) => subscriptions.some(({ events }) => events.length > 0))
  if (findings.count === 0 && !delivered) return unseen('no subscriber received any event')
  return judged(findings.told())
}

function measures(history: History, { terminal, lifetime }: DeliveryOptions): (stream: Stream) => Measure {
  const kinds = new Set(terminal ?? terminalKinds)
  const declared = lifetime ? declaredLives(history, lifetime) : undefined
  const common = { restBetween: restsOf(history), stopMs: stopMs(history), cutBetween: cutsOf(history) }
  return (stream) => {
    const lives = [provenLife(stream), declared?.get(stream.name)].filter((life) => life !== undefined)
    return { ...common, lives, ending: endingOf(stream, kinds) }
  }
}

/** Judges each subscriber by itself, and returns those that saw the stream whole and have nothing to complain about. */
function judgeSubscribers(stream: Stream, measure: Measure, findings: Findings): Subscription[] {
  const groups = new Map<string, { complaint: Complaint; by: Subscription[] }>()
  const whole: Subscription[] = []
  for (const subscription of stream.subscriptions) {
    const complaints = complaintsOf(subscription, measure)
    if (complaints.length === 0 && sawAll(subscription, measure)) whole.push(subscription)
    for (const complaint of complaints) {
      const group = groups.get(complaint.text)
      if (group) group.by.push(subscription)
      else groups.set(complaint.text, { complaint, by: [subscription] })
    }
  }
  for (const { complaint, by } of groups.values()) {
    findings.add(complaint.kind, stream.name, () => {
      const leaver = complaint.kind === 'cut' ? lastToLeaveBefore(by, stream) : undefined
      const left = leaver === undefined ? '' : `, after ${leaver.subscriber} had left at ${at(leaver.timeMs)}`
      const shown = by.slice(0, 2).flatMap((subscription) => evidenceOf(subscription, complaint.about))
      return {
        message: `${stream.name}: ${who(by)} ${complaint.text}${left}${whatOthersSaw(complaint, by, stream)}`,
        clients: by.map(({ begin }) => begin.client),
        evidence: leaver === undefined ? shown : [leaver, ...shown],
        likelyCause: likelyCauses[complaint.kind],
      }
    })
  }
  return whole
}

/** Who left on purpose just before the others were cut off: in a race about cleanup, the event that decided it. */
function lastToLeaveBefore(cutOff: readonly Subscription[], { subscriptions }: Stream): EndObservation | undefined {
  const cutMs = Math.min(...cutOff.map(({ end }) => end?.timeMs ?? Number.POSITIVE_INFINITY))
  return subscriptions
    .map(({ end }) => end)
    .filter((end) => end !== undefined && end.reason === 'dropped' && end.timeMs <= cutMs)
    .sort((a, b) => b!.timeMs - a!.timeMs)[0]
}

function sawAll({ begin, events, gaps }: Subscription, { ending }: Measure): boolean {
  return begin.after === 0 && gaps.length === 0 && ending !== undefined && events.at(-1)?.id === ending.id
}

function who(subscribers: readonly Subscription[]): string {
  if (subscribers.length === 1) return `subscriber ${nameOf(subscribers[0]!)}`
  return `${subscribers.length} subscribers (${names(subscribers.map(nameOf))})`
}

/** For a loss, how many others prove that the event existed. */
function whatOthersSaw({ kind, about }: Complaint, by: readonly Subscription[], { subscriptions }: Stream): string {
  if (about.length === 0 || (kind !== 'lost' && kind !== 'cut' && kind !== 'resume')) return ''
  const first = about[0]!.from
  const others = subscriptions.filter((subscription) => !by.includes(subscription))
  const seen = others.filter(({ events }) => events.some(({ id }) => id === first)).length
  if (seen === 0) return others.length === 0 ? '' : '; nobody else did'
  return seen === others.length && seen > 1
    ? `; the other ${seen} subscribers did`
    : `; ${count(seen, 'other subscriber')} did`
}

/** The deliveries next to the ids in question, between the subscriber's begin and end. */
function evidenceOf({ begin, events, gaps, end }: Subscription, about: readonly Span[]): HistoryEvent[] {
  const beside = about.slice(0, 3)
  const near = events.filter(({ id }) => beside.some(({ from, to }) => id >= from - 1 && id <= to + 1))
  const shown = near.length > 0 ? [...near.slice(0, 3), ...near.slice(3).slice(-1)] : events.slice(-1)
  return [begin, ...gaps.slice(0, 1), ...shown, ...(end ? [end] : [])]
}

function judgeAgreement(stream: Stream, findings: Findings): void {
  for (const { id, variants, onlyOrder } of disagreements(stream)) {
    const accounts = variants.map(({ event, receivers }) => {
      const beyond = receivers > 1 ? ` and ${receivers - 1} more` : ''
      return `${event.kind} ${shortened(event.data)} (${event.subscriber}${beyond})`
    })
    const [kind, about] = onlyOrder
      ? (['order', `the order, at event ${id}`] as const)
      : (['phantom', `event ${id}`] as const)
    findings.add(kind, stream.name, () => ({
      message: `${stream.name}: subscribers disagree about ${about}: ${names(accounts)}`,
      clients: variants.map(({ event }) => event.client),
      evidence: variants.map(({ event }) => event),
      likelyCause: likelyCauses[kind],
    }))
  }
}

function shortened(data: unknown): string {
  const text = JSON.stringify(data) ?? 'without data'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

function judgeContent(
  stream: Stream,
  whole: readonly Subscription[],
  complete: (events: readonly DeliveryObservation[]) => string | null,
  findings: Findings,
): void {
  // Subscribers that saw everything and agree about it saw the same, so one of them speaks for all.
  const [first] = whole
  const wrong = first === undefined ? null : complete(first.events)
  if (first === undefined || wrong === null) return
  findings.add('content', stream.name, () => ({
    message: `${stream.name}: ${wrong}; ${count(whole.length, 'subscriber')} saw this stream from the first event to the last`,
    clients: whole.map(({ begin }) => begin.client),
    evidence: [first.begin, ...first.events.slice(0, 2), ...first.events.slice(-2)],
    likelyCause: likelyCauses.content,
  }))
}
