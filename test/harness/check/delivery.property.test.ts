import fc from 'fast-check'
import { check, type HistoryEvent } from 'raceproof'
import { describe, expect, it } from 'vitest'

/** What a subscriber is to see: from where it starts, what is announced as gone, and how far it gets. */
interface Plan {
  after: number
  /** How many of its first events are announced as trimmed instead of being delivered. */
  trimmed: number
  reason: 'complete' | 'dropped' | 'disconnected'
  /** The share of the rest that a subscriber receives which does not stay to the end. */
  share: number
}

type Delivery = Extract<HistoryEvent, { type: 'observe'; f: 'event' }>

const plan = fc.record<Plan>({
  after: fc.nat({ max: 5 }),
  trimmed: fc.nat({ max: 3 }),
  reason: fc.constantFrom('complete', 'dropped', 'disconnected'),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
})
const stream = fc.record({
  last: fc.integer({ min: 8, max: 20 }),
  // The first one sees all there is, so that nothing goes wrong unwitnessed.
  subscribers: fc
    .array(plan, { minLength: 1, maxLength: 5 })
    .map((plans) => [{ after: 0, trimmed: 0, reason: 'complete', share: 1 } as Plan, ...plans]),
})
/** Legal histories: each stream's subscribers see what they are owed, interleaved in any way. */
const legal = fc
  .tuple(fc.array(stream, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(), { minLength: 1, maxLength: 200 }))
  .map(([streams, picks]) => {
    const lanes = streams.flatMap(({ last, subscribers }, s) =>
      subscribers.map((p, i) => lane(`plan-${s}`, `c${s}${i}`, last, p)),
    )
    return interleaved(lanes, picks)
  })

function lane(name: string, client: string, last: number, { after, trimmed, reason, share }: Plan): HistoryEvent[] {
  const who = { type: 'observe', timeMs: 0, client, subscriber: `${client}/0`, stream: name } as const
  const start = after + trimmed
  const upTo = reason === 'complete' ? last : start + Math.floor((last - 1 - start) * share)
  const events: HistoryEvent[] = [{ ...who, f: 'subscribe', after, via: 'sse' }]
  if (trimmed > 0) events.push({ ...who, f: 'gap', from: after + 1, to: start })
  for (let id = start + 1; id <= upTo; id++) {
    events.push({ ...who, f: 'event', id, kind: id === last ? 'completed' : 'log', data: { line: id } })
  }
  return [...events, { ...who, f: 'end', reason }]
}

function interleaved(lanes: HistoryEvent[][], picks: number[]): HistoryEvent[] {
  const merged: HistoryEvent[] = []
  const open = lanes.map((events) => [...events])
  while (open.some((events) => events.length > 0)) {
    const ready = open.filter((events) => events.length > 0)
    const pick = picks[merged.length % picks.length]!
    merged.push({ ...ready[pick % ready.length]!.shift()!, timeMs: merged.length })
  }
  return merged
}

const isDelivery = (event: HistoryEvent): event is Delivery => event.type === 'observe' && event.f === 'event'

/** The place of a delivery that is not the last one of its subscriber, so that those who got no further are wronged too. */
function somewhere(history: HistoryEvent[], pick: number): number {
  const deliveries = history.filter(isDelivery)
  const inner = deliveries.filter(
    (event) => deliveries.findLast((other) => other.subscriber === event.subscriber) !== event,
  )
  return history.indexOf(inner[pick % inner.length]!)
}

const messages = (history: HistoryEvent[]) =>
  check
    .delivery()
    .judge(history)
    .findings.map(({ message }) => message)

describe('delivery', () => {
  it('raises nothing on any legal history', () => {
    fc.assert(
      fc.property(legal, (history) => {
        expect(messages(history)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('catches any one delivery that is left out', () => {
    fc.assert(
      fc.property(legal, fc.nat(), (history, pick) => {
        const { id, subscriber } = history[somewhere(history, pick)] as Delivery
        expect(messages(history.toSpliced(somewhere(history, pick), 1)).join()).toMatch(
          new RegExp(`${subscriber} .*never received event ${id}\\b`),
        )
      }),
    )
  })

  it('catches any one delivery that comes twice, at once or later', () => {
    fc.assert(
      fc.property(legal, fc.nat(), fc.nat(), (history, pick, delay) => {
        const place = somewhere(history, pick)
        const again = history[place] as Delivery
        const end = history.findIndex(
          (event) => event.type === 'observe' && event.f === 'end' && event.subscriber === again.subscriber,
        )
        const later = place + 1 + (delay % (end - place))
        expect(messages(history.toSpliced(later, 0, again)).join()).toContain(
          `received event ${again.id} more than once`,
        )
      }),
    )
  })

  it('catches any two deliveries of one subscriber that change places', () => {
    fc.assert(
      fc.property(legal, fc.nat(), (history, pick) => {
        const place = somewhere(history, pick)
        const early = history[place] as Delivery
        const next = history.findIndex(
          (event, i) => i > place && isDelivery(event) && event.subscriber === early.subscriber,
        )
        const swapped = history.with(place, history[next]!).with(next, early)
        expect(messages(swapped).join()).toMatch(new RegExp(`received event ${early.id} after a later one`))
      }),
    )
  })

  it('catches any one delivery with other data than the others got', () => {
    fc.assert(
      fc.property(legal, fc.nat(), (history, pick) => {
        const shared = history
          .filter(isDelivery)
          .filter(
            ({ stream, id }, _, all) => all.filter((other) => other.stream === stream && other.id === id).length > 1,
          )
        fc.pre(shared.length > 0)
        const altered = shared[pick % shared.length]!
        const wrong = history.with(history.indexOf(altered), { ...altered, data: { line: -1 } })
        expect(messages(wrong).join()).toContain(`subscribers disagree about event ${altered.id}`)
      }),
    )
  })

  it('catches any subscriber that is left listening after the end', () => {
    fc.assert(
      fc.property(legal, (history) => {
        const ends = (event: HistoryEvent) =>
          event.type === 'observe' &&
          event.client === 'c00' &&
          (event.f === 'end' || (event.f === 'event' && event.kind === 'completed'))
        const witness = {
          ...history.find((event) => isDelivery(event) && event.kind === 'completed')!,
          client: 'w',
          subscriber: 'w/0',
        } as Delivery
        const seenBySomebodyElse: HistoryEvent[] = [
          { ...witness, f: 'subscribe', after: witness.id - 1, via: 'sse' },
          witness,
          { ...witness, f: 'end', reason: 'complete' },
        ]
        const hanging = [...history.filter((event) => !ends(event)), ...seenBySomebodyElse]
        fc.pre(witness.stream === 'plan-0')
        expect(messages(hanging).join()).toContain('and still listened at rest')
      }),
    )
  })
})

/** The place of the first event at which a watch knows that something is wrong; -1 if it never does. */
function placeOfAlarm(history: readonly HistoryEvent[]): number {
  const watch = check.delivery().watch!()
  return history.findIndex((event) => watch.see(event))
}

describe('the watch of delivery', () => {
  it('stays silent on any legal history', () => {
    fc.assert(
      fc.property(legal, (history) => {
        expect(placeOfAlarm(history)).toBe(-1)
      }),
      { numRuns: 500 },
    )
  })

  it('tells an event that comes again when it does', () => {
    fc.assert(
      fc.property(legal, fc.nat(), (history, pick) => {
        const place = somewhere(history, pick)
        expect(placeOfAlarm(history.toSpliced(place + 1, 0, history[place]!))).toBe(place + 1)
      }),
    )
  })

  it('tells of other data when the second of the two has come', () => {
    fc.assert(
      fc.property(legal, fc.nat(), (history, pick) => {
        const altered = history[somewhere(history, pick)] as Delivery
        const places = history.flatMap((event, place) =>
          isDelivery(event) && event.stream === altered.stream && event.id === altered.id ? [place] : [],
        )
        fc.pre(places.length > 1)
        const wrong = history.with(history.indexOf(altered), { ...altered, data: { line: -1 } })
        const isFirst = history.indexOf(altered) === places[0]
        expect(placeOfAlarm(wrong)).toBe(isFirst ? places[1] : history.indexOf(altered))
      }),
    )
  })

  it('tells an event beyond the terminal one when it comes', () => {
    fc.assert(
      fc.property(legal, (history) => {
        const place = history.findIndex((event) => isDelivery(event) && event.kind === 'completed')
        const ending = history[place] as Delivery
        const beyond = { ...ending, id: ending.id + 1, kind: 'log' }
        expect(placeOfAlarm(history.toSpliced(place + 1, 0, beyond))).toBe(place + 1)
      }),
    )
  })

  it('is right: what it calls wrong is invalid at once, and whatever comes later', () => {
    fc.assert(
      fc.property(legal, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 4 }), (history, moves) => {
        const shaken = moves.reduce((events, [from, to]) => {
          const [moved] = events.slice(from % events.length, (from % events.length) + 1)
          return events.toSpliced(from % events.length, 1).toSpliced(to % events.length, 0, moved!)
        }, history)
        const alarm = placeOfAlarm(shaken)
        fc.pre(alarm >= 0)
        expect(messages(shaken.slice(0, alarm + 1))).not.toEqual([])
        expect(messages(shaken)).not.toEqual([])
      }),
    )
  })
})
