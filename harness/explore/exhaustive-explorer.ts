import { simulateNow } from '../sim/simulate.ts'
import { ExhaustiveSearch, type SearchedOrder } from '../sim/strategy/exhaustive.ts'
import { exhaustiveName } from '../sim/strategy/strategies.ts'
import { type Outcome, outcomeOf } from './exploration.ts'
import type { Explorer } from './explorer.ts'
import { seedAt } from './schedule-plan.ts'
import type { Subject, Variant } from './subject.ts'

/**
 * Runs all orders of a subject, one after the other and in one thread, for each follows from those before. All have the
 * same seed, and so the same data: what is exhausted are the orders, not the data.
 */
export class ExhaustiveExplorer implements Explorer {
  readonly #subject: Subject
  readonly #variant: Variant
  readonly #search = new ExhaustiveSearch()
  #next: SearchedOrder | undefined
  /** Whether a schedule was given up at a bound, so that what would have come after it is not known. */
  #wasCut = false

  constructor(subject: Subject, { seed, variant = {} }: { seed: number; variant?: Omit<Variant, 'seed'> | undefined }) {
    this.#subject = subject
    this.#variant = { ...variant, seed: seedAt(seed, 0) }
    this.#next = this.#search.next()
  }

  get hasMore(): boolean {
    return this.#next !== undefined
  }

  get exhausted(): boolean {
    return !this.hasMore && !this.#wasCut
  }

  about(): { seed: number; strategy: string } {
    return { seed: this.#variant.seed, strategy: exhaustiveName }
  }

  prepare(): void {}

  run(index: number): Outcome | null {
    const order = this.#next
    if (order === undefined) return null
    const { strategy, footprints } = order
    const { seed } = this.#variant
    const trial = this.#subject.trial(this.#variant)
    const result = simulateNow(trial.run, { ...trial.options, seed, strategy, footprints })
    const judged = trial.judge(result)
    const counts = order.finish()
    this.#next = this.#search.next()
    this.#wasCut ||= result.status === 'step-bound' || result.status === 'time-bound'
    return counts ? outcomeOf({ index, seed, strategy: exhaustiveName, result, judged }, false) : null
  }
}
