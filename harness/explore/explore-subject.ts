import { active } from '../sim/active.ts'
import type { StrategyMaker } from '../sim/strategy/strategy.ts'
import { type Exploration, Merger, type Outcome } from './exploration.ts'
import { type Explorer, PlanExplorer } from './explorer.ts'
import { SchedulePlan } from './schedule-plan.ts'
import { endedIn, endedOutcome } from './stuck-schedule.ts'
import type { Subject, Variant } from './subject.ts'

export interface ExploreWithOptions {
  /** How many schedules are run at the most. */
  schedules: number
  /** Whether the first invalid schedule ends it; true by default. */
  stopsAtFirst?: boolean
  /** Ends it: what was seen until then counts, and the result says that it was interrupted. */
  signal?: AbortSignal
  /** How long a schedule may take, in milliseconds of real time; one that never comes back is ended then. No limit by default. */
  stuckMs?: number
  /** Told after each turn of the real event loop, every tenth of a second or so. */
  progress?(schedules: number): void
}

export interface ExploreSubjectOptions extends ExploreWithOptions {
  seed: number
  /** Played by turns. */
  strategies: readonly StrategyMaker[]
  variant?: Omit<Variant, 'seed'>
}

/** How long schedules may keep the real event loop from turning, in real time. */
const turnMs = 100

/** Runs schedules of a subject in the calling thread. What was seen until the signal ended it counts, and it says so. */
export function exploreSubject(subject: Subject, options: ExploreSubjectOptions): Promise<Exploration> {
  return exploreWith(new PlanExplorer(new SchedulePlan(subject, options)), options)
}

/** Runs the schedules of an explorer in the calling thread, until one is invalid or there are no more. */
export async function exploreWith(explorer: Explorer, options: ExploreWithOptions): Promise<Exploration> {
  const { signal, stuckMs, progress, stopsAtFirst = true } = options
  const merger = new Merger({ stopsAtFirst })
  const course = new Course(explorer, merger, options.schedules)
  while (!course.isOver && signal?.aborted !== true) {
    await fromMacrotask(() => (stuckMs === undefined ? course.runTurn() : course.runTurnWithin(stuckMs)))
    progress?.(merger.size)
  }
  return merger.merged({ exhausted: explorer.exhausted, interrupted: !course.isOver })
}

/** The schedules of one exploration, one after the other. */
class Course {
  readonly #explorer: Explorer
  readonly #merger: Merger
  readonly #schedules: number
  #next = 0

  constructor(explorer: Explorer, merger: Merger, schedules: number) {
    this.#explorer = explorer
    this.#merger = merger
    this.#schedules = schedules
  }

  get isOver(): boolean {
    return this.#next >= Math.min(this.#schedules, this.#merger.cutAt) || !this.#explorer.hasMore
  }

  /** Runs schedules for a while. */
  runTurn(): void {
    const untilMs = active.real.Date.now() + turnMs
    do {
      const outcome = this.#explorer.run(this.#next++)
      if (outcome !== null) this.#merger.add(outcome)
    } while (!this.isOver && active.real.Date.now() < untilMs)
  }

  /** The same; a schedule that never comes back is ended, and is a finding. Throws when it was merely slow. */
  runTurnWithin(stuckMs: number): void {
    const ended = endedIn(turnMs + stuckMs, () => this.runTurn())
    if (ended !== null) this.#merger.add(this.#outcomeOf(ended, stuckMs))
  }

  #outcomeOf(ended: readonly string[], stuckMs: number): Outcome {
    const index = this.#next - 1
    const schedule = { index, ...this.#explorer.about(index) }
    return endedOutcome(schedule, ended, () => this.#explorer.playAgain(index, ended), stuckMs)
  }
}

/** Schedules run their own ticks, which they cannot from a promise's continuation. */
export function fromMacrotask<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    active.real.setImmediate(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error)
      }
    })
  })
}
