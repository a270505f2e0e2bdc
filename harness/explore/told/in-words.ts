import type { DeliveryObservation, HistoryEvent, ObserveEvent, ProbeEvent } from '../../history/event.ts'
import { shortened } from './shortened.ts'

/**
 * What a client did or saw, or the target told of itself, in a few words; null for what is the harness' own affair. `last`
 * is the last of some events that are told together.
 */
export function inWords(event: HistoryEvent, last: HistoryEvent = event): string | null {
  switch (event.type) {
    case 'invoke':
      return `calls ${event.f}(${brief(event.input)})`
    case 'ok':
      return `${event.f} → ${brief(event.output) || 'done'}`
    case 'fail':
      return `${event.f} is refused: ${shortened(event.error ?? 'without a reason')}`
    case 'info':
      return `${event.f} ends, nobody knows how: ${shortened(event.error ?? 'without a reason')}`
    case 'observe':
      return observed(event, last)
    case 'probe':
      return probed(event)
    case 'fault':
      return `fault ${event.fault} ${event.action === 'start' ? 'begins' : 'is healed'} (${event.scope})`
    case 'target':
      return `process ${event.event}${event.detail === undefined ? '' : `: ${shortened(event.detail)}`}`
    default:
      return null
  }
}

/** In whose column it stands. */
export function actorOf(event: HistoryEvent): string {
  if ('client' in event) return event.client
  if ('process' in event) return event.process
  return event.type === 'fault' ? 'network' : 'main'
}

function probed({ topic, value }: ProbeEvent): string {
  const { machine, id, from, to } = value
  if (topic === 'transition' && typeof to === 'string') return `${machine} ${id} goes from ${from} to ${to}`
  return `${topic}: ${brief(value)}`
}

function observed(event: ObserveEvent, last: HistoryEvent): string {
  switch (event.f) {
    case 'subscribe':
      return `listens to ${event.stream}${event.after > 0 ? ` after event ${event.after}` : ''}`
    case 'event':
      return `sees ${delivered(event, last)} of ${event.stream}`
    case 'gap':
      return `is told that events ${event.from} to ${event.to} of ${event.stream} are gone`
    case 'end':
      return `its stream ${event.stream} ends: ${event.reason}`
  }
}

function delivered({ id, kind }: DeliveryObservation, last: HistoryEvent): string {
  if (last.type !== 'observe' || last.f !== 'event' || last.id === id) return `event ${id} (${kind})`
  return `events ${id} to ${last.id}, the last of them '${last.kind}',`
}

/** A value, without the marker that every call carries. */
function brief(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return shortened(JSON.stringify(value))
  const entries = Object.entries(value).filter(([key, field]) => key !== 'marker' && field !== '')
  return shortened(entries.map(([key, field]) => `${key} ${JSON.stringify(field)}`).join(', '), 72)
}
