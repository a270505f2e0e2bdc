import type { Fault } from './fault.ts'

/** When a fault starts and heals, and whom it hits. All is drawn beforehand from the run's seed. */
export interface Nemesis {
  readonly fault: Fault
  /** Milliseconds after the storm's begin. */
  readonly fromMs: number
  /** When it heals; at the end of the storm when it is left out. */
  readonly untilMs: number | undefined
  /** The share of the clients whose links it hits, in (0, 1]. */
  readonly share: number
}

/** Puts a fault on a share of the clients' links for a part of every storm. */
export function nemesis(
  fault: Fault,
  { fromMs = 0, untilMs, share = 1 }: Partial<Omit<Nemesis, 'fault'>> = {},
): Nemesis {
  if (!(share > 0 && share <= 1)) throw new RangeError(`expected share to be in (0, 1], got ${share}`)
  if (!(fromMs >= 0)) throw new RangeError(`expected fromMs to be at least 0, got ${fromMs}`)
  if (untilMs !== undefined && untilMs <= fromMs) {
    throw new RangeError(`expected untilMs to be above fromMs (${fromMs}), got ${untilMs}`)
  }
  return { fault, fromMs, untilMs, share }
}
