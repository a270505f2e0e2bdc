import type { Fault } from './fault.ts'

/**
 * The client vanishes, as a laptop does that is shut: the target hears neither FIN nor RST and keeps its side, and
 * only a heartbeat can tell it.
 */
export function halfOpen(): Fault {
  return {
    name: 'half-open',
    description: 'half-open',
    target: 'link',
    momentary: true,
    onLink(link) {
      link.halfOpen()
      return () => {} // The client is gone for good; only the target can end its side.
    },
  }
}
