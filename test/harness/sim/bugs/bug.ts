import type { Simulated } from '../../../../harness/sim/simulate.ts'

/** A small program with a race, beside the same without it. Both throw when a user would have been wronged. */
export interface Bug {
  readonly name: string
  readonly defective: Simulated<unknown>
  readonly correct: Simulated<unknown>
}

/** Resolves after so many milliseconds. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
