import { HarnessError } from '../errors.ts'
import { choicesToken, parseChoices } from './choices-token.ts'
import type { FindingKind, ThreadFinding } from './detect/finding.ts'
import { followLocks } from './follow-locks.ts'
import { interceptBuiltins } from './intercept-builtins.ts'
import { type Judged, oneSchedule } from './one-schedule.ts'
import { Running } from './running.ts'
import { shrink } from './shrink.ts'
import { follow } from './strategy/follow.ts'
import { partialOrderSampling } from './strategy/partial-order-sampling.ts'
import { portfolio } from './strategy/portfolio.ts'
import { preemptionBound } from './strategy/preemption-bound.ts'
import { priorityChanges } from './strategy/priority-changes.ts'
import { randomWalk } from './strategy/random-walk.ts'
import { selectivelyUniform } from './strategy/selectively-uniform.ts'
import { sourceSets } from './strategy/source-sets.ts'
import type { Strategy } from './strategy/strategy.ts'
import { uniformRandomWalk } from './strategy/uniform-random-walk.ts'
import { functionsOf, type ThreadProgram } from './thread-program.ts'
import { type ToldStep, tellFailure } from './told.ts'

const strategies = {
  /** Every outcome that the threads can have, each order of what conflicts once. */
  exhaustive: () => sourceSets(),
  portfolio,
  random: randomWalk,
  pos: partialOrderSampling,
  urw: uniformRandomWalk,
  surw: selectivelyUniform,
  pct: (seed: number) => priorityChanges(seed),
  preemptions: () => preemptionBound(),
} satisfies Record<string, (seed: number) => Strategy>

export interface ExploreThreadsOptions {
  /** How the next thread is picked; `portfolio` unless told otherwise. `exhaustive` proves, when it comes to the end. */
  strategy?: keyof typeof strategies
  /** How many schedules are run at the most; 10,000 unless told otherwise. */
  schedules?: number
  /** How many steps a schedule may have; 10,000 unless told otherwise. */
  steps?: number
  /** Feeds the strategy and `Math.random` of the threads; 1 unless told otherwise. */
  seed?: number
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
 * be made inside of it. Plain accesses of shared memory happen together with the operation before them: they are right
 * where there is no data race, and races of plain accesses show only for those given as `read` and `write` actions.
 *
 * Throws a {@link ThreadFailure} when a thread or `final` throws, when threads wait for ever or do not end, and when locks
 * are taken in opposite orders; `ERR_UNKNOWN_NAME` for a strategy that does not exist; `ERR_USAGE` for a `replay` that
 * was not made by a failure.
 */
export async function exploreThreads<State>(
  program: ThreadProgram<State>,
  options: ExploreThreadsOptions = {},
): Promise<ThreadsExplored> {
  const { seed = 1, steps = 10_000, schedules = 10_000, replay } = options
  const strategy = replay === undefined ? strategyOf(options.strategy, seed) : follow(parseChoices(replay))
  const functions = await functionsOf(program.threads)
  const running = new Running()
  const unfollow = followLocks(running)
  const restore = interceptBuiltins(running)
  const run = (with_: Strategy, tell = false) => oneSchedule(program, functions, with_, { running, seed, steps, tell })
  try {
    return search(run, strategy, { schedules, threads: functions.length, proves: options.strategy === 'exhaustive' })
  } finally {
    running.fiber = null
    restore()
    unfollow()
  }
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
  const marked = steps.map((step, at) => ({ ...step, interrupts: interruptsAt(steps, at) }))
  const replay = choicesToken(result.choices)
  const message = tellFailure({ finding: told ?? finding, steps: marked, threads, schedule, replay })
  return new ThreadFailure(message, { kind: finding.kind, steps: marked, replay, schedule })
}

/** Whether a step is by another thread than the one before, which later goes on. */
function interruptsAt(steps: readonly ToldStep[], at: number): boolean {
  const before = steps[at - 1]?.thread
  if (before === undefined || before === steps[at]!.thread) return false
  return steps.slice(at).some(({ thread }) => thread === before)
}

function strategyOf(name: keyof typeof strategies = 'portfolio', seed: number): Strategy {
  if (!Object.hasOwn(strategies, name)) {
    const known = Object.keys(strategies).join(', ')
    throw new HarnessError(
      'ERR_UNKNOWN_NAME',
      `no strategy of the thread world is called '${name}'; there are ${known}`,
    )
  }
  return strategies[name](seed)
}
