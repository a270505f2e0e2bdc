import type { SimFinding } from './core/finding.ts'
import type { Simulation } from './core/simulation.ts'
import type { Trace } from './core/trace.ts'
import { leftoversOf, type SimLeftover } from './leftovers.ts'
import type { SimResult, SimStatus } from './simulate.ts'

/** What the simulation itself does not know of how a schedule ended. */
export interface ScheduleEnding<T> {
  readonly status: SimStatus
  readonly value: T | undefined
  readonly pending: readonly string[]
}

/**
 * What came of a schedule that is over. Its trace is written down when somebody asks; most schedules are only known by
 * their hash.
 *
 * It is a class, and no literal with getters, on account of memory: V8 makes a hidden class of its own for each literal whose
 * getters are new closures, and hidden classes are only collected with the old generation. Until then each one keeps all that
 * its getters can reach, here the whole simulation.
 */
export class ScheduleResult<T> implements SimResult<T> {
  readonly status: SimStatus
  readonly value: T | undefined
  readonly hash: string
  readonly findings: readonly SimFinding[]
  readonly faults: readonly string[]
  readonly leftovers: readonly SimLeftover[]
  readonly pending: readonly string[]
  readonly choices: readonly string[]
  readonly steps: number
  readonly virtualMs: number
  readonly #trace: Trace | undefined

  constructor(simulation: Simulation, { status, value, pending }: ScheduleEnding<T>) {
    const { trace, findings, faults, choices, step, nowMs } = simulation
    this.status = status
    this.value = value
    this.hash = trace?.hash ?? ''
    trace?.complete()
    this.findings = [...findings]
    this.faults = [...faults]
    this.leftovers = leftoversOf(simulation)
    this.pending = pending
    this.choices = [...choices]
    this.steps = step
    this.virtualMs = nowMs
    this.#trace = trace
  }

  get trace(): readonly string[] {
    return this.#trace?.lines ?? []
  }

  get nodes(): readonly string[] {
    return this.#trace?.nodes ?? []
  }
}
