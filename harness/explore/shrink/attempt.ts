import type { Finding } from '../../check/verdict.ts'
import { type SimResult, type SimulateOptions, simulateNow } from '../../sim/simulate.ts'
import { type EffectiveHold, type Hold, holding } from '../../sim/strategy/holds.ts'
import { replayOf } from '../../sim/strategy/replay.ts'
import type { Strategy } from '../../sim/strategy/strategy.ts'
import { playedWithin, ScheduleEnded } from '../stuck-schedule.ts'
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

export interface AttemptsOptions {
  budget?: Budget
  /** How long a schedule may take, in milliseconds of real time; no limit when it is left out. */
  stuckMs?: number | undefined
}

/** So many schedules may always be run of a budget, however long they are. */
const schedulesAtLeast = 10

/** What a schedule is looked at with: nothing of it changes the schedule. */
export type Look = Pick<SimulateOptions, 'trace' | 'places' | 'watch'>

/**
 * Runs schedules of a subject under holds, and knows the failure that is looked for: wherever it comes, its finding is the
 * first of all. Counts its runs. One that takes longer than `stuckMs` is ended, by a {@link ScheduleEnded}.
 */
export class Attempts {
  /** How many schedules were run. */
  runs = 0
  readonly #subject: Subject
  readonly #kind: string | 'any'
  readonly #stuckMs: number | undefined
  #budget: Budget
  /** What was tried and did not fail: searches come back to the same holds, and a schedule takes its time. */
  readonly #harmless = new Set<string>()
  #steps = 0
  #isStuck = false
  #schedulesAtLeast = schedulesAtLeast

  /** A failure is the same when it is of the same kind; `any` kind for whoever only wants to see a schedule. */
  constructor(subject: Subject, failure: Finding | 'any', options: AttemptsOptions = {}) {
    const { budget = { schedules: 1, steps: 1 }, stuckMs } = options
    this.#subject = subject
    this.#kind = failure === 'any' ? 'any' : kindOfFailure(failure)
    this.#budget = budget
    this.#stuckMs = stuckMs
  }

  /** Whether nothing more may be run; a search ends then with what it has. */
  get isSpent(): boolean {
    return this.#isStuck || (this.spentShare >= 1 && this.runs >= this.#schedulesAtLeast)
  }

  /** What share of the budget is spent, from 0 to 1. */
  get spentShare(): number {
    return Math.max(this.runs / this.#budget.schedules, this.#steps / this.#budget.steps)
  }

  /** Lets so many times as much be run in all. */
  extend(times: number): void {
    const { schedules, steps } = this.#budget
    this.#budget = { schedules: schedules * times, steps: steps * times }
    this.#schedulesAtLeast *= times
  }

  /** Null when it does not fail in the same way, or nothing more may be run. */
  failing(variant: Variant, holds: readonly Hold[]): Attempt | null {
    return this.isSpent ? null : this.repeated(variant, holds)
  }

  /** The same, whatever has been spent. */
  repeated(variant: Variant, holds: readonly Hold[]): Attempt | null {
    const what = JSON.stringify([variant, holds.map(({ event, until }) => [event, until])])
    if (this.#harmless.has(what)) return null
    const attempt = this.unlessStuck(() => this.run(variant, holds, { trace: false }))
    if (attempt !== null && this.isSame(attempt.judged)) return attempt
    this.#harmless.add(what)
    return null
  }

  /** Whether a schedule fails in the same way under a strategy, whatever has been spent. */
  fails(variant: Variant, strategy: Strategy): boolean {
    const attempt = this.unlessStuck(() => this.play(variant, strategy, { trace: false }))
    return attempt !== null && this.isSame(attempt.judged)
  }

  /** Runs a schedule whatever comes of it, and whatever has been spent. */
  run(variant: Variant, holds: readonly Hold[], look: Look = {}): Attempt {
    const strategy = holding(holds)
    const { result, judged } = this.play(variant, strategy, look)
    return { holds: strategy.effective, variant, result, judged }
  }

  /** Runs a schedule with all its events in the order in which they were recorded, whatever has been spent. */
  inOrder(variant: Variant, choices: readonly string[]): Attempt {
    return { holds: [], variant, ...this.play(variant, replayOf(choices)) }
  }

  /** Null for a schedule that never comes back. Nothing more may be run then: one more of them would take as long again. */
  unlessStuck<Run>(run: () => Run): Run | null {
    try {
      return run()
    } catch (thrown) {
      if (!(thrown instanceof ScheduleEnded)) throw thrown
      this.#isStuck = true
      return null
    }
  }

  /** Counts a schedule that somebody else runs. */
  counted<Run extends Pick<Attempt, 'result'>>(run: () => Run): Run {
    const ran = this.#stuckMs === undefined ? run() : playedWithin(this.#stuckMs, run)
    this.runs++
    this.#steps += ran.result.steps
    return ran
  }

  /** Runs a schedule under any strategy, whatever comes of it. */
  play(variant: Variant, strategy: Strategy, look: Look = {}): Pick<Attempt, 'result' | 'judged'> {
    return this.counted(() => {
      const trial = this.#subject.trial(variant)
      const result = simulateNow(trial.run, { ...trial.options, ...look, seed: variant.seed, strategy })
      return { result, judged: this.#soughtFirst(trial.judge(result)) }
    })
  }

  isSame({ findings }: Judged): boolean {
    return findings.some((finding) => this.#isSought(finding))
  }

  #isSought(finding: Finding): boolean {
    return this.#kind === 'any' || kindOfFailure(finding) === this.#kind
  }

  /** What is told and saved of a schedule is its first finding, which must be the one that was looked for. */
  #soughtFirst(judged: Judged): Judged {
    const [first] = judged.findings
    const sought = judged.findings.find((finding) => this.#isSought(finding))
    if (sought === undefined || sought === first) return judged
    return { ...judged, findings: [sought, ...judged.findings.filter((finding) => finding !== sought)] }
  }
}
