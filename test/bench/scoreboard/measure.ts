import type { Strategy } from '../../../harness/threads/strategy/strategy.ts'
import { firstBug, type Limits } from './first-bug.ts'
import type { Program } from './program.ts'

/** What a strategy needed on a program. */
export interface Score {
  readonly seeds: number
  readonly found: number
  /** Mean schedules to the first bug, over the seeds that found it; null when none did. */
  readonly mean: number | null
}

/** Looks for the bug of a program once for each seed, from 0 on. */
export function measure(
  program: Program,
  strategyOf: (seed: number) => Strategy,
  seeds: number,
  limits: Limits,
): Score {
  const schedules = Array.from({ length: seeds }, (_, seed) => firstBug(program, strategyOf(seed), limits))
  const found = schedules.filter((schedule) => schedule !== null)
  const mean = found.length === 0 ? null : found.reduce((sum, schedule) => sum + schedule) / found.length
  return { seeds, found: found.length, mean }
}
