import { type SimulateOptions, simulateNow } from '../sim/simulate.ts'
import { ExhaustiveSearch, type SearchedOrder } from '../sim/strategy/exhaustive.ts'
import { replayOf } from '../sim/strategy/replay.ts'
import { exhaustiveName } from '../sim/strategy/strategies.ts'
import { type Outcome, outcomeOf } from './exploration.ts'
import type { Explorer } from './explorer.ts'
import { expectSame, isRepeated } from './repeat.ts'
import { type ScheduleRun, seedAt } from './schedule-plan.ts'
import type { Subject, Variant } from './subject.ts'

/**
 * Runs all orders of a subject, one after the other and in one thread, for each follows from those before; a share of them
 * twice, to see that they go the same way. All have the same seed, and so the same data: what is exhausted are the orders,
 * not the data.
 */
export class ExhaustiveExplorer implements Explorer {
  readonly #subject: Subject
  readonly #variant: Variant
  readonly #search = new ExhaustiveSearch()
  #next: SearchedOrder | undefined
  /** How many orders were run that count. */
  #orders = 0
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
    const run = this.#play(index, order)
    const { result } = run
    const counts = order.finish()
    this.#next = this.#search.next()
    this.#wasCut ||= result.status === 'step-bound' || result.status === 'time-bound'
    if (!counts) return null
    const repeated = isRepeated(this.#orders++)
    if (repeated) expectSame(run, this.#play(index, { strategy: replayOf(result.choices) }))
    return outcomeOf(run, repeated)
  }

  playAgain(index: number, choices: readonly string[]): void {
    this.#play(index, { strategy: replayOf(choices) })
  }

  #play(index: number, { strategy, footprints }: Pick<SimulateOptions, 'strategy' | 'footprints'>): ScheduleRun {
    const { seed } = this.#variant
    const trial = this.#subject.trial(this.#variant)
    const result = simulateNow(trial.run, { ...trial.options, seed, strategy, footprints })
    return { index, seed, strategy: exhaustiveName, result, judged: trial.judge(result) }
  }
}
