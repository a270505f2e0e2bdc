import type { Fault } from './fault.ts'

/** The connection ends with a real RST on both sides, and takes with it what was under way. */
export function reset(): Fault {
  return {
    name: 'reset',
    description: 'reset',
    target: 'link',
    momentary: true,
    onLink(link) {
      link.reset()
      return () => {} // The link is gone; there is nothing to give back.
    },
  }
}
