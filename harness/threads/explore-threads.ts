import { choicesToken, parseChoices } from './choices-token.ts'
import type { FindingKind, ThreadFinding } from './detect/finding.ts'
import { inTask } from './event-loop/drain.ts'
import { followLocks } from './follow-locks.ts'
import { interceptBuiltins } from './intercept-builtins.ts'
import { interceptPlainAccesses } from './intercept-plain-accesses.ts'
import { interceptCompiling } from './intercept-refused.ts'
import { type Judged, oneSchedule } from './one-schedule.ts'
import { Running } from './running.ts'
import { shrink } from './shrink.ts'
import { follow } from './strategy/follow.ts'
import { type StrategyName, strategyNamed } from './strategy/strategies.ts'
import type { Strategy } from './strategy/strategy.ts'
import { loadThreads, type ThreadProgram } from './thread-program.ts'
import { type ToldStep, tellFailure, withInterruptions } from './told.ts'

export interface ExploreThreadsOptions {
  /** How the next thread is picked; `portfolio` unless told otherwise. `exhaustive` proves, when it comes to the end. */
  strategy?: StrategyName
  /** How many schedules are run at the most; 10,000 unless told otherwise. */
  schedules?: number
  /** How many steps a schedule may have; 10,000 unless told otherwise. */
  steps?: number
  /** Feeds the strategy and `Math.random` of the threads; 1 unless told otherwise. */
  seed?: number
  /**
   * Makes reads and writes of shared arrays without `Atomics` steps of their own, so that data races show. The threads are
   * modules then, which are rewritten, or functions of code that the Vite plugin or the loader has rewritten; false unless
   * told otherwise.
   */
  plainAccesses?: boolean
  /**
   * How often others may take a lock that a thread sleeps or spins for, as the lock tells through `raceproof/probe`; beyond
   * that the thread counts as starved. Without end unless told otherwise.
   */
  overtakes?: number
  /** Runs this one schedule only: what the message of a failure says. */
  replay?: string
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

/** Thrown by {@link exploreThreads}: the message tells the failing schedule in one column per thread. */
export class ThreadFailure extends Error {
  readonly kind: FindingKind
  readonly steps: readonly ToldStep[]
  /** For the option `replay`. */
  readonly replay: string
  /** The number of the schedule that failed, from 1. */
  readonly schedule: number

  constructor(message: string, about: Pick<ThreadFailure, 'kind' | 'steps' | 'replay' | 'schedule'>) {
    super(message)
    this.name = 'ThreadFailure'
    this.kind = about.kind
    this.steps = about.steps
    this.replay = about.replay
    this.schedule = about.schedule
  }
}

/**
 * Runs synchronous functions as threads that share memory, many times, each time in another order of their operations on
 * it. They are the code that workers run, unchanged: `Atomics` are intercepted while it runs, and `Atomics.wait` blocks.
 *
 * ```ts
 * await exploreThreads({
 *   setup: () => new ReentrantLock({ name: 'counter' }).buffer,
 *   threads: [increment, increment],
 *   final: (_, returned) => expect(returned.toSorted()).toEqual([1, 2]),
 * }, { strategy: 'exhaustive' })
 * ```
 *
 * A thread is run again from its start for each of its steps, so everything that it changes, but for shared memory, must
 * be made inside of it; a thread that is given as a module has an instance of its own. Plain accesses of shared memory
 * happen together with the operation before them, which is right where there is no data race; with `plainAccesses` they
 * are steps of their own, and data races show.
 *
 * Throws a {@link ThreadFailure} when a thread or `final` throws, when threads wait for ever or do not end, and when locks
 * are taken in opposite orders; `ERR_UNKNOWN_NAME` for a strategy that does not exist; `ERR_USAGE` for a `replay` that
 * was not made by a failure, and for `plainAccesses` of code that was not rewritten; `ERR_SCENARIO_INVALID` when the module
 * of a thread does not compile.
 */
export async function exploreThreads<State>(
  program: ThreadProgram<State>,
  options: ExploreThreadsOptions = {},
): Promise<ThreadsExplored> {
  const { seed = 1, steps = 10_000, schedules = 10_000, plainAccesses = false, overtakes, replay } = options
  const strategy =
    replay === undefined ? strategyNamed(options.strategy ?? 'portfolio', seed) : follow(parseChoices(replay))
  const { functions, original } = await loadThreads(program.threads, { plainAccesses })
  const running = new Running()
  const run = (with_: Strategy, tell = false) =>
    oneSchedule(program, functions, with_, { running, seed, steps, overtakes, original, tell })
  return inTask(() => {
    const unfollow = followLocks(running)
    const restore = interceptBuiltins(running)
    const plain = plainAccesses ? interceptPlainAccesses(running) : null
    const allowCompiling = plainAccesses ? interceptCompiling(running) : () => {}
    try {
      const proves = options.strategy === 'exhaustive'
      const explored = search(run, strategy, { schedules, threads: functions.length, proves })
      if (program.threads.some((thread) => typeof thread === 'function')) plain?.expectSeen()
      return explored
    } finally {
      running.fiber = null
      allowCompiling()
      plain?.restore()
      restore()
      unfollow()
    }
  })
}

type Run = (strategy: Strategy, tell?: boolean) => Judged

function search(
  run: Run,
  strategy: Strategy,
  { schedules, threads, proves }: { schedules: number; threads: number; proves: boolean },
): ThreadsExplored {
  const outcomes = new Map<string, readonly unknown[]>()
  let ran = 0
  for (;;) {
    const { result, finding } = run(strategy)
    if (result.ending !== 'redundant') ran++
    if (finding !== null) throw failure(run, finding, result.choices, { schedule: ran, threads })
    if (result.ending === 'done') outcomes.set(JSON.stringify(result.returned), result.returned)
    const more = strategy.end(result.pending)
    if (more && ran < schedules) continue
    const exhausted = !more && proves
    const summary = exhausted ? `proved for this bound: ${ran} traces` : `nothing found in ${ran} schedules`
    return { schedules: ran, exhausted, outcomes: [...outcomes.values()], summary }
  }
}

function failure(
  run: Run,
  finding: ThreadFinding,
  choices: readonly number[],
  { schedule, threads }: { schedule: number; threads: number },
): ThreadFailure {
  const shrunk = shrink((strategy) => {
    const { result, finding: found } = run(strategy)
    return found?.kind === finding.kind ? result.choices : null
  }, choices)
  const { result, finding: told, steps } = run(follow(shrunk.choices), true)
  const marked = withInterruptions(steps)
  const replay = choicesToken(result.choices)
  const message = tellFailure({ finding: told ?? finding, steps: marked, threads, schedule, replay })
  return new ThreadFailure(message, { kind: finding.kind, steps: marked, replay, schedule })
}
