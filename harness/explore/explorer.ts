import { HarnessError } from '../errors.ts'
import { exhaustiveName, strategiesNamed, strategyNames } from '../sim/strategy/strategies.ts'
import { ExhaustiveExplorer } from './exhaustive-explorer.ts'
import { type Outcome, outcomeOf } from './exploration.ts'
import { expectSame, isRepeated } from './repeat.ts'
import { SchedulePlan } from './schedule-plan.ts'
import type { Subject, Variant } from './subject.ts'

/** What runs the schedules of an exploration, each by its index. */
export interface Explorer {
  /** Whether there is another schedule to run, however many were run. */
  readonly hasMore: boolean
  /** Whether all orders that there are have been run; null when that is not what it is after. */
  readonly exhausted: boolean | null
  /** What comes at an index, so that it can be named when it never comes back. */
  about(index: number): { seed: number; strategy: string }
  /** Plays the schedule of index 0 for what others need to know of it. It comes first in a thread that runs only others. */
  prepare(): void
  /**
   * Runs a schedule. Null when it does not count, since another one stands for it. Call it from a macrotask. Throws what the
   * trial's judge throws, and `ERR_NONDETERMINISM`.
   */
  run(index: number): Outcome | null
  /** Plays the schedule of an index in the order of these events, for whoever wants to see what it does. */
  playAgain(index: number, choices: readonly string[]): void
}

export interface ExplorerOptions {
  seed: number
  /** The name of a strategy: one of {@link strategiesNamed}, or `exhaustive`. */
  strategy: string
  variant?: Omit<Variant, 'seed'>
}

/** Throws `ERR_UNKNOWN_NAME` for a strategy that does not exist. */
export function explorerOf(subject: Subject, { seed, strategy, variant }: ExplorerOptions): Explorer {
  if (strategy === exhaustiveName) return new ExhaustiveExplorer(subject, { seed, variant })
  const strategies = strategiesNamed(strategy)
  if (strategies !== undefined) return new PlanExplorer(new SchedulePlan(subject, { seed, strategies, variant }))
  throw new HarnessError(
    'ERR_UNKNOWN_NAME',
    `there is no strategy '${strategy}'; there are ${strategyNames.join(', ')}`,
  )
}

/** Runs the schedules of a plan, in any order; a share of them twice, to see that they go the same way. */
export class PlanExplorer implements Explorer {
  readonly hasMore = true
  readonly exhausted = null
  readonly #plan: SchedulePlan

  constructor(plan: SchedulePlan) {
    this.#plan = plan
  }

  about(index: number): { seed: number; strategy: string } {
    return { seed: this.#plan.seedOf(index), strategy: this.#plan.strategyAt(index) }
  }

  prepare(): void {
    this.#plan.prepare()
  }

  run(index: number): Outcome {
    const run = this.#plan.run(index)
    const repeated = isRepeated(index)
    if (repeated) expectSame(run, this.#plan.run(index))
    return outcomeOf(run, repeated)
  }

  playAgain(index: number, choices: readonly string[]): void {
    this.#plan.inOrder(index, choices)
  }
}
