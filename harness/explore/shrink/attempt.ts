import type { Finding } from '../../check/verdict.ts'
import { type SimResult, type SimulateOptions, simulateNow } from '../../sim/simulate.ts'
import { type EffectiveHold, type Hold, holding } from '../../sim/strategy/holds.ts'
import type { Strategy } from '../../sim/strategy/strategy.ts'
import type { Judged, Subject, Variant } from '../subject.ts'
import { kindOfFailure } from './same-failure.ts'

/** One schedule that was run in search of a smaller failure. */
export interface Attempt {
  /** Those that changed the order; without the others it is the same schedule. */
  holds: readonly EffectiveHold[]
  variant: Variant
  result: SimResult<unknown>
  judged: Judged
}

/** How much may be run. Both are counted, never timed, so that the result is the same on every machine. */
export interface Budget {
  schedules: number
  /** Over all schedules, since a long one takes its time. */
  steps: number
}

/** So many schedules may always be run, however long they are. */
const schedulesAtLeast = 10

/** What a schedule is looked at with: nothing of it changes the schedule. */
export type Look = Pick<SimulateOptions, 'trace' | 'places' | 'watch'>

/** Runs schedules of a subject under holds, and knows the failure that is looked for. Counts its runs. */
export class Attempts {
  /** How many schedules were run. */
  runs = 0
  readonly #subject: Subject
  readonly #kind: string | 'any'
  readonly #budget: Budget
  #steps = 0

  /** A failure is the same when it is of the same kind; `any` kind for whoever only wants to see a schedule. */
  constructor(subject: Subject, failure: Finding | 'any', budget: Budget = { schedules: 1, steps: 1 }) {
    this.#subject = subject
    this.#kind = failure === 'any' ? 'any' : kindOfFailure(failure)
    this.#budget = budget
  }

  /** Whether nothing more may be run; a search ends then with what it has. */
  get isSpent(): boolean {
    return this.spentShare >= 1 && this.runs >= schedulesAtLeast
  }

  /** What share of the budget is spent, from 0 to 1. */
  get spentShare(): number {
    return Math.max(this.runs / this.#budget.schedules, this.#steps / this.#budget.steps)
  }

  /** Null when it does not fail in the same way, or nothing more may be run. */
  failing(variant: Variant, holds: readonly Hold[]): Attempt | null {
    if (this.isSpent) return null
    const attempt = this.run(variant, holds, { trace: false })
    return this.isSame(attempt.judged) ? attempt : null
  }

  /** Whether a schedule fails in the same way under a strategy; false when nothing more may be run. */
  fails(variant: Variant, strategy: Strategy): boolean {
    return !this.isSpent && this.isSame(this.play(variant, strategy, { trace: false }).judged)
  }

  /** Runs a schedule whatever comes of it, and whatever has been spent. */
  run(variant: Variant, holds: readonly Hold[], look: Look = {}): Attempt {
    const strategy = holding(holds)
    const { result, judged } = this.play(variant, strategy, look)
    return { holds: strategy.effective, variant, result, judged }
  }

  /** Counts a schedule that somebody else runs. */
  counted<Run extends Pick<Attempt, 'result'>>(run: () => Run): Run {
    const ran = run()
    this.runs++
    this.#steps += ran.result.steps
    return ran
  }

  /** Runs a schedule under any strategy, whatever comes of it. */
  play(variant: Variant, strategy: Strategy, look: Look = {}): Pick<Attempt, 'result' | 'judged'> {
    return this.counted(() => {
      const trial = this.#subject.trial(variant)
      const result = simulateNow(trial.run, { ...trial.options, ...look, seed: variant.seed, strategy })
      return { result, judged: trial.judge(result) }
    })
  }

  isSame({ findings }: Judged): boolean {
    return findings.some((finding) => this.#kind === 'any' || kindOfFailure(finding) === this.#kind)
  }
}
