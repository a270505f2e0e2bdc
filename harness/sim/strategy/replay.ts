import type { SimEvent } from '../core/event.ts'
import { earliest } from './natural.ts'
import type { Strategy } from './strategy.ts'

/** The first place where a replayed schedule could not follow its choices. */
export interface Divergence {
  readonly step: number
  /** The event that was chosen when the schedule was recorded; null when it had ended by then. */
  readonly expected: string | null
  /** The events that could happen instead. */
  readonly enabled: readonly string[]
}

/** A strategy that repeats a recorded schedule, and says where it could not. */
export interface Replay extends Strategy {
  readonly divergence: Divergence | null
  /** How many of the choices were followed. */
  readonly followed: number
}

/**
 * Follows a list of choices, each the key of an event. From the first choice that cannot be followed it goes on in
 * natural order, so that the run still ends, and keeps what it met there.
 */
export function replayOf(choices: readonly string[]): Replay {
  const parsed = choices.map(parse)
  let divergence: Divergence | null = null
  let followed = 0
  return {
    name: 'replay',
    get divergence() {
      return divergence
    },
    get followed() {
      return followed
    },
    pick(enabled, step) {
      if (divergence !== null) return earliest(enabled)
      const chosen = find(enabled, parsed[step])
      if (chosen !== undefined) {
        followed++
        return chosen
      }
      divergence = { step, expected: choices[step] ?? null, enabled: enabled.map(({ key }) => key) }
      return earliest(enabled)
    },
  }
}

interface Choice {
  lane: string
  ordinal: number
}

function parse(key: string): Choice {
  const slash = key.lastIndexOf('/')
  return { lane: key.slice(0, slash), ordinal: Number(key.slice(slash + 1)) }
}

function find(enabled: readonly SimEvent[], choice: Choice | undefined): SimEvent | undefined {
  if (choice === undefined) return undefined
  return enabled.find(({ ordinal, lane }) => ordinal === choice.ordinal && lane.key === choice.lane)
}
