import { isDeepStrictEqual } from 'node:util'
import type { DeliveryObservation } from '../history/event.ts'
import { DefaultMap } from './default-map.ts'
import { canonical } from './linearizable/identity.ts'
import type { Stream } from './subscriptions.ts'

/** The different things that subscribers received under one id, the first of each with how many received it. */
export interface Disagreement {
  id: number
  variants: { event: DeliveryObservation; receivers: number }[]
  /** Everything that was received under this id came under another one to somebody else: only the order differs. */
  onlyOrder: boolean
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
  const found = new DefaultMap<number, Disagreement>((id) => ({ id, variants: [], onlyOrder: false }))
  for (const event of subscriptions.flatMap(({ events }) => events.filter(({ id }) => odd.has(id)))) {
    const { variants } = found.of(event.id)
    const same = variants.find((variant) => sameContent(variant.event, event))
    if (same) same.receivers++
    else variants.push({ event, receivers: 1 })
  }
  const sorted = [...found.values()].sort((a, b) => a.id - b.id)
  noteOrder(sorted)
  return sorted
}

function noteOrder(all: readonly Disagreement[]): void {
  const idsOf = new DefaultMap<string, Set<number>>(() => new Set())
  for (const { id, variants } of all) for (const { event } of variants) idsOf.of(contentOf(event)).add(id)
  for (const one of all) one.onlyOrder = one.variants.every(({ event }) => idsOf.of(contentOf(event)).size > 1)
}

function contentOf({ kind, data }: DeliveryObservation): string {
  return `${kind} ${canonical(data)}`
}

/** Whether two deliveries are of the same kind and data. */
export function sameContent(a: DeliveryObservation, b: DeliveryObservation): boolean {
  return a.kind === b.kind && (a.data === b.data || isDeepStrictEqual(a.data, b.data))
}
