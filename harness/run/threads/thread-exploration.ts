import { createHash, type Hash } from 'node:crypto'
import { mergeVerdicts, type Verdict } from '../../check/verdict.ts'
import { choicesToken } from '../../threads/choices-token.ts'
import { strategyNamed } from '../../threads/strategy/strategies.ts'
import type { Strategy } from '../../threads/strategy/strategy.ts'
import { StuckSchedule } from './stuck-schedule.ts'
import type { ThreadSubject, ThreadTrial } from './thread-subject.ts'
import { traceHashOf } from './thread-subject.ts'

export interface ExploreOptions {
  readonly seed: number
  /** How many schedules are run at the most. */
  readonly schedules: number
  /** The name of a strategy; null for the portfolio, with a share for going through all orders there are. */
  readonly strategy: string | null
  /** Whether a schedule that is not valid is what is looked for; any is, when this is left out. */
  isWanted?(trial: ThreadTrial): boolean
  /** Ends it: what was seen until then is told. */
  readonly signal?: AbortSignal
  /** Told how many schedules were run, now and then. */
  progress?(schedules: number): void
}

/** A schedule that failed. */
export interface FailedTrial {
  readonly trial: ThreadTrial
  /** Its number, from 1. */
  readonly schedule: number
  readonly strategy: string
}

/** What came of an exploration. */
export interface ThreadExploration {
  readonly verdict: Verdict
  readonly schedules: number
  readonly distinct: number
  /** Every order of what conflicts was run: nothing else can happen. */
  readonly exhausted: boolean
  readonly traceHash: string
  /** Calls of all schedules. */
  readonly calls: number
  readonly failed: FailedTrial | null
  /** The first schedule, for what a run without a failure shows. */
  readonly first: ThreadTrial | null
}

/** With so many schedules of the portfolio, most bugs show. */
const portfolioFirst = 200

/**
 * The part of what is left that goes through all orders. When that comes to no end, it stays where it began, among orders
 * that are much alike, and the portfolio has the better chance again.
 */
const exhaustiveShare = 1 / 2

/** The real event loop gets its turn as often as this. */
const sliceMs = 100

/**
 * Runs schedules until one is not valid, all orders have been run, or as many as were asked for are done. Throws
 * `ERR_UNKNOWN_NAME` when there is no such strategy.
 */
export async function exploreThreadSubject(
  subject: ThreadSubject,
  options: ExploreOptions,
): Promise<ThreadExploration> {
  const exploring = new Exploring(subject, options)
  while (!exploring.isOver && options.signal?.aborted !== true) {
    await subject.inWorld(() => exploring.slice(performanceNow() + sliceMs))
    options.progress?.(exploring.schedules)
  }
  return exploring.told()
}

/** The real clock, also while the threads have one of their own. */
const performanceNow = performance.now.bind(performance)

interface Stage {
  readonly strategy: Strategy
  readonly schedules: number
}

class Exploring {
  schedules = 0
  isOver = false
  readonly #subject: ThreadSubject
  readonly #seed: number
  readonly #isWanted: (trial: ThreadTrial) => boolean
  readonly #stages: Stage[]
  readonly #hash: Hash = createHash('sha256')
  readonly #distinct = new Set<string>()
  readonly #verdicts = new Set<Verdict>()
  #inStage = 0
  #calls = 0
  #exhausted = false
  #first: ThreadTrial | null = null
  #failed: FailedTrial | null = null

  constructor(subject: ThreadSubject, { seed, schedules, strategy, isWanted = () => true }: ExploreOptions) {
    this.#subject = subject
    this.#seed = seed
    this.#isWanted = isWanted
    this.#stages = stagesOf(strategy, seed, schedules)
  }

  /** Runs schedules until it is over, or the time is. */
  slice(untilMs: number): void {
    try {
      this.#subject.limited(sliceMs, () => {
        do this.#next()
        while (!this.isOver && performanceNow() < untilMs)
      })
    } catch (thrown) {
      if (!(thrown instanceof StuckSchedule)) throw thrown
      this.#takeStuck(thrown.trial)
    }
  }

  told(): ThreadExploration {
    const { schedules } = this
    return {
      verdict: mergeVerdicts([...this.#verdicts]),
      schedules,
      distinct: this.#distinct.size,
      exhausted: this.#exhausted,
      traceHash: this.#hash.copy().digest('hex'),
      calls: this.#calls,
      failed: this.#failed,
      first: this.#first,
    }
  }

  #next(): void {
    const stage = this.#stages[0] as Stage
    const trial = this.#subject.trial(stage.strategy, { seed: this.#seed })
    if (trial.ending !== 'redundant') this.#take(trial, stage.strategy.name)
    if (this.#failed !== null) this.isOver = true
    else if (!trial.hasMore) this.#allTried(stage)
    else if (this.#inStage >= stage.schedules) this.#nextStage()
  }

  /** Nothing more can be run with what a strategy knows of a schedule that never ended. */
  #takeStuck(trial: ThreadTrial): void {
    this.#take(trial, (this.#stages[0] as Stage).strategy.name)
    this.isOver = true
  }

  #take(trial: ThreadTrial, strategy: string): void {
    this.schedules++
    this.#inStage++
    this.#calls += trial.calls
    this.#first ??= trial
    this.#distinct.add(choicesToken(trial.choices))
    this.#hash.update(traceHashOf(trial))
    this.#verdicts.add(trial.verdict)
    if (trial.verdict === 'invalid' && this.#isWanted(trial))
      this.#failed = { trial, schedule: this.schedules, strategy }
  }

  /** The strategy has nothing left to try; only one of them has then tried everything. */
  #allTried({ strategy }: Stage): void {
    this.#exhausted = strategy.name === 'source-sets'
    if (this.#exhausted) this.isOver = true
    else this.#nextStage()
  }

  #nextStage(): void {
    this.#inStage = 0
    this.#stages.shift()
    this.isOver = this.#stages.length === 0
  }
}

function stagesOf(name: string | null, seed: number, schedules: number): Stage[] {
  if (name !== null) return [{ strategy: strategyNamed(name, seed), schedules }]
  const portfolio = strategyNamed('portfolio', seed)
  const first = Math.min(portfolioFirst, schedules)
  const all = Math.ceil((schedules - first) * exhaustiveShare)
  const stages = [
    { strategy: portfolio, schedules: first },
    { strategy: strategyNamed('exhaustive', seed), schedules: all },
    { strategy: portfolio, schedules: schedules - first - all },
  ]
  return stages.filter((stage) => stage.schedules > 0)
}
