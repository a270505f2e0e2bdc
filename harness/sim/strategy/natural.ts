import type { SimEvent } from '../core/event.ts'
import type { Strategy } from './strategy.ts'

/** The order of an idle machine: what was ready first happens first, and what was queued first among equals. */
export function natural(): Strategy {
  return { name: 'natural', pick: earliest }
}

/** The event that was ready first. */
export function earliest(enabled: readonly SimEvent[]): SimEvent {
  let best = enabled[0] as SimEvent
  for (const event of enabled) if (comesBefore(event, best)) best = event
  return best
}

/** Whether the natural order has one event before another one. */
export function comesBefore(event: SimEvent, other: SimEvent): boolean {
  return event.readyMs < other.readyMs || (event.readyMs === other.readyMs && event.sequence < other.sequence)
}
