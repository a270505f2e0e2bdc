import { isDeepStrictEqual } from 'node:util'
import type { DeliveryObservation } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import type { Stream } from './subscriptions.ts'

/** The different things that subscribers received under one id, the first of each with how many received it. */
export interface Disagreement {
  id: number
  variants: { event: DeliveryObservation; receivers: number }[]
}

/** The ids under which the subscribers of a stream received different kinds or data. */
export function disagreements({ subscriptions }: Stream): Disagreement[] {
  const firsts = new Map<number, DeliveryObservation>()
  const odd = new Set<number>()
  for (const { events } of subscriptions) {
    for (const event of events) {
      const first = firsts.get(event.id)
      if (first === undefined) firsts.set(event.id, event)
      else if (!sameContent(first, event)) odd.add(event.id)
    }
  }
  return odd.size === 0 ? [] : variantsOf(subscriptions, odd)
}

function variantsOf(subscriptions: Stream['subscriptions'], odd: ReadonlySet<number>): Disagreement[] {
  const variants = new DefaultMap<number, Disagreement>((id) => ({ id, variants: [] }))
  for (const event of subscriptions.flatMap(({ events }) => events.filter(({ id }) => odd.has(id)))) {
    const known = variants.of(event.id).variants
    const same = known.find((variant) => sameContent(variant.event, event))
    if (same) same.receivers++
    else known.push({ event, receivers: 1 })
  }
  return [...variants.values()].sort((a, b) => a.id - b.id)
}

function sameContent(a: DeliveryObservation, b: DeliveryObservation): boolean {
  return a.kind === b.kind && (a.data === b.data || isDeepStrictEqual(a.data, b.data))
}
