import { type SimResult, simulateNow } from '../../sim/simulate.ts'
import { type Hold, holding } from '../../sim/strategy/holds.ts'
import type { Strategy } from '../../sim/strategy/strategy.ts'
import type { Judged, Subject, Variant } from '../subject.ts'

/** One schedule that was run in search of a smaller failure. */
export interface Attempt {
  holds: readonly Hold[]
  variant: Variant
  result: SimResult<unknown>
  judged: Judged
}

/** Runs schedules of a subject under holds, and knows the failure that is looked for. Counts its runs. */
export class Attempts {
  /** How many more runs are allowed; a search ends with what it has when there are none. */
  left: number
  readonly #subject: Subject
  readonly #checks: ReadonlySet<string> | 'any'

  /** A failure is the same when one of these checks finds something. */
  constructor(subject: Subject, checks: readonly string[] | 'any', most: number) {
    this.#subject = subject
    this.#checks = typeof checks === 'string' ? 'any' : new Set(checks)
    this.left = most
  }

  /** Null when it does not fail in the same way, or nothing more may be run. */
  failing(variant: Variant, holds: readonly Hold[]): Attempt | null {
    return this.failingIn(variant, holding(holds), holds)
  }

  failingIn(variant: Variant, strategy: Strategy, holds: readonly Hold[]): Attempt | null {
    if (this.left <= 0) return null
    const attempt = this.#play(variant, strategy, holds)
    return this.#isSame(attempt.judged) ? attempt : null
  }

  /** Runs a schedule whatever comes of it. */
  run(variant: Variant, holds: readonly Hold[]): Attempt {
    return this.#play(variant, holding(holds), holds)
  }

  #play(variant: Variant, strategy: Strategy, holds: readonly Hold[]): Attempt {
    this.left--
    const trial = this.#subject.trial(variant)
    const result = simulateNow(trial.run, { ...trial.options, seed: variant.seed, strategy })
    return { holds, variant, result, judged: trial.judge(result) }
  }

  #isSame({ findings }: Judged): boolean {
    const checks = this.#checks
    return findings.some(({ check }) => checks === 'any' || checks.has(check))
  }
}
