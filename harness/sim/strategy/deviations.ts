import type { Hold } from './holds.ts'
import { comesBefore } from './natural.ts'
import { replayOf } from './replay.ts'
import type { Strategy } from './strategy.ts'

/** A strategy that repeats a schedule and writes down how it differs from the natural order. */
export interface Deviations extends Strategy {
  /** The holds that turn the natural order into the schedule, in the order in which they begin. */
  readonly holds: readonly Hold[]
}

/**
 * Repeats a recorded schedule. At each step the events that would have come before the chosen one, had the order been
 * natural, are held until it: for as long as they are passed over, the hold grows.
 */
export function deviationsOf(choices: readonly string[]): Deviations {
  const replay = replayOf(choices)
  const untils = new Map<string, string>()
  return {
    name: 'replay',
    get holds() {
      return [...untils].map(([event, until]) => ({ event, until }))
    },
    pick(enabled, step) {
      const chosen = replay.pick(enabled, step)
      for (const event of enabled) if (comesBefore(event, chosen)) untils.set(event.key, chosen.key)
      return chosen
    },
  }
}
