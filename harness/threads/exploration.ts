import { TimeLimitReached } from '../watch/time-limit.ts'
import type { ThreadFinding } from './detect/finding.ts'
import { type Executor, type Judged, oneSchedule } from './one-schedule.ts'
import { Running } from './running.ts'
import { shrink } from './shrink.ts'
import { follow } from './strategy/follow.ts'
import type { Strategy } from './strategy/strategy.ts'
import type { LoadedThreads, ThreadProgram } from './thread-program.ts'
import { type ToldStep, withInterruptions } from './told.ts'
import { onlySlow, stuckAround } from './watch/overrun.ts'
import { tellStuckThread } from './watch/stuck-thread.ts'
import { StuckWatch } from './watch/stuck-watch.ts'

export interface ExplorationOptions {
  readonly seed: number
  /** How many steps a schedule may have. */
  readonly steps: number
  /** How many schedules are run at the most. */
  readonly schedules: number
  /** How often a thread may be overtaken; without end unless told otherwise. */
  readonly overtakes?: number | undefined
  /** Whether the strategy comes to its end only when everything has been explored. */
  readonly proves: boolean
  /** How long a thread may run between two operations. */
  readonly stuckMs: number
}

/** What an exploration that found nothing has to say. */
export interface ThreadsExplored {
  /** How many schedules were run; those given up as repetitions are not among them. */
  readonly schedules: number
  /** Every outcome was reached: with threads like these and no data races, nothing else can happen. */
  readonly exhausted: boolean
  /** What the threads returned, each different outcome once, in the order in which they were found. */
  readonly outcomes: readonly (readonly unknown[])[]
  /** What this proves, in words. */
  readonly summary: string
}

/** A schedule that failed, made as small as it gets. */
export interface FailedSchedule {
  readonly finding: ThreadFinding
  readonly steps: readonly ToldStep[]
  readonly choices: readonly number[]
  /** The number of the schedule that failed first, from 1. */
  readonly schedule: number
  /** The schedule itself; null when it never ended. */
  readonly judged: Judged | null
}

/** How long schedules are run before the real event loop gets a turn. */
const sliceMs = 250

const nowMs = performance.now.bind(performance)

/** Runs the schedules of a program one after the other, each in another order, until one fails. */
export class Exploration<State> {
  readonly running = new Running()
  readonly #program: ThreadProgram<State>
  readonly #loaded: LoadedThreads<State>
  readonly #strategy: Strategy
  readonly #options: ExplorationOptions
  readonly #outcomes = new Map<string, readonly unknown[]>()
  readonly #watch: StuckWatch
  #ran = 0

  constructor(
    program: ThreadProgram<State>,
    loaded: LoadedThreads<State>,
    strategy: Strategy,
    options: ExplorationOptions,
  ) {
    this.#program = program
    this.#loaded = loaded
    this.#watch = new StuckWatch(this.running, loaded.original)
    this.#strategy = this.#watch.noting(strategy)
    this.#options = options
  }

  /** Runs schedules for a while. Null when there is more to do. */
  slice(): FailedSchedule | ThreadsExplored | null {
    const { stuckMs } = this.#options
    try {
      const failed = this.#watch.limited(sliceMs + stuckMs, () => this.#search())
      return failed === null || 'schedules' in failed ? failed : this.#small(failed)
    } catch (thrown) {
      return this.#stuck(thrown)
    }
  }

  /** Runs one schedule once more, by whatever executor. */
  again(choices: readonly number[], executor?: Executor): Judged {
    return this.#run(follow(choices), { ...(executor && { executor }) })
  }

  #search(): ThreadsExplored | Judged | null {
    const { schedules, proves } = this.#options
    for (const untilMs = nowMs() + sliceMs; nowMs() < untilMs; ) {
      const judged = this.#run(this.#strategy, { stacks: true })
      const { result, finding } = judged
      if (result.ending !== 'redundant') this.#ran++
      if (finding !== null) return judged
      if (result.ending === 'done') this.#outcomes.set(keyOf(result.returned), result.returned)
      const more = this.#strategy.end(result.pending)
      if (!more || this.#ran >= schedules) return this.#told(!more && proves)
    }
    return null
  }

  #told(exhausted: boolean): ThreadsExplored {
    const ran = this.#ran
    const summary = exhausted ? `proved for this bound: ${ran} traces` : `nothing found in ${ran} schedules`
    return { schedules: ran, exhausted, outcomes: [...this.#outcomes.values()], summary }
  }

  #small(found: Judged): FailedSchedule {
    // Once its threads are run again for every step, a failure can turn out to be that one does not repeat itself.
    const again = this.#within(follow(found.result.choices))
    const { finding, result } = again.finding === null ? found : again
    const { choices } = shrink((strategy) => {
      const tried = this.#within(strategy)
      return tried.finding?.kind === finding!.kind ? tried.result.choices : null
    }, result.choices)
    const judged = this.#run(follow(choices), { tell: true })
    const steps = withInterruptions(judged.steps)
    const { finding: told, result: small } = judged
    return { finding: told ?? finding!, steps, choices: small.choices, schedule: this.#ran, judged }
  }

  /** Runs one schedule by itself. */
  #within(strategy: Strategy): Judged {
    return this.#watch.limited(this.#options.stuckMs, () => this.#run(this.#watch.noting(strategy)))
  }

  /** A schedule took too long: a thread never came back from its code, or the machine had no time for it. */
  #stuck(thrown: unknown): FailedSchedule {
    if (!(thrown instanceof TimeLimitReached)) throw thrown
    const { stuckMs } = this.#options
    const overrun = this.#watch.overrun((choices) => this.#run(follow(choices), { tell: true }))
    if (overrun === 'around') throw stuckAround('exploreThreads', stuckMs)
    if (overrun === 'slow') throw onlySlow('exploreThreads', stuckMs)
    const { fiber, line, choices } = overrun
    const finding = tellStuckThread(fiber, stuckMs, line)
    return { finding, steps: withInterruptions(this.running.told), choices, schedule: this.#ran + 1, judged: null }
  }

  #run(strategy: Strategy, how: { tell?: boolean; executor?: Executor; stacks?: boolean } = {}): Judged {
    const { running } = this
    const { seed, steps, overtakes } = this.#options
    const { functions, original, canBlock } = this.#loaded
    const options = { running, seed, steps, overtakes, original, canBlock, ...how }
    return oneSchedule(this.#program, functions, strategy, options)
  }
}

/** The same for equal outcomes. Most threads return nothing. */
function keyOf(outcome: readonly unknown[]): string {
  if (outcome.every((returned) => returned === undefined)) return ''
  return JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}
