import type { SimEvent } from '../core/event.ts'
import type { Strategy } from './strategy.ts'

/** The order of an idle machine: what was ready first happens first, and what was queued first among equals. */
export function natural(): Strategy {
  return { name: 'natural', pick: earliest }
}

/** The event that was ready first. */
export function earliest(enabled: readonly SimEvent[]): SimEvent {
  let best = enabled[0] as SimEvent
  for (const event of enabled) {
    if (event.readyMs < best.readyMs || (event.readyMs === best.readyMs && event.sequence < best.sequence)) best = event
  }
  return best
}
