import { expectCount } from '../errors.ts'
import type { Confirmation } from '../record.ts'
import { choicesToken, parseChoices } from './choices-token.ts'
import type { FindingKind } from './detect/finding.ts'
import { Exploration, type FailedSchedule, type ThreadsExplored } from './exploration.ts'
import { expectPlainAccesses } from './intercept-plain-accesses.ts'
import type { Executor } from './one-schedule.ts'
import { follow } from './strategy/follow.ts'
import { type StrategyName, strategyNamed } from './strategy/strategies.ts'
import { loadThreads, type ThreadProgram } from './thread-program.ts'
import { inThreadWorld } from './thread-world.ts'
import { type ToldStep, tellFailure } from './told.ts'
import { usualStuckMs } from './watch/stuck-watch.ts'
import { confirmOnWorkers, difference, notConfirmed, sameSteps } from './workers/confirm.ts'
import { moduleWorkers } from './workers/module-workers.ts'

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
  /**
   * How long a thread may run between two operations before it counts as stuck, in milliseconds; 10 s unless told
   * otherwise. An endless loop is ended then, and named with its place.
   */
  stuckMs?: number
  /**
   * Whether a failing schedule is run on real `worker_threads` as well, and the message says whether they do the same. It
   * is when all threads are modules and plain accesses are no steps, unless told otherwise.
   */
  confirm?: boolean
  /** Runs this one schedule only: what the message of a failure says. */
  replay?: string
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
 * of a thread does not compile, when `setup` or `final` do not come to their end, and when the machine is too busy to tell
 * a thread that is stuck from one that is slow.
 */
export async function exploreThreads<State>(
  program: ThreadProgram<State>,
  options: ExploreThreadsOptions = {},
): Promise<ThreadsExplored> {
  const { seed = 1, steps = 10_000, schedules = 10_000, plainAccesses = false, overtakes, replay } = options
  expectCount('schedules', schedules)
  expectCount('steps', steps)
  const strategy =
    replay === undefined ? strategyNamed(options.strategy ?? 'portfolio', seed) : follow(parseChoices(replay))
  const loaded = await loadThreads(program.threads, { plainAccesses })
  const proves = options.strategy === 'exhaustive'
  const limits = { seed, steps, schedules, overtakes, proves, stuckMs: options.stuckMs ?? usualStuckMs }
  const exploration = new Exploration(program, loaded, strategy, limits)
  for (;;) {
    const found = await inThreadWorld(exploration.running, plainAccesses, () => exploration.slice())
    if (found === null) continue
    if ('finding' in found) throw failureOf(found, loaded.functions.length, await confirmation(found))
    if (plainAccesses && program.threads.some(isFunction)) expectPlainAccesses(exploration.running)
    return found
  }

  /** What real workers make of the failure, in words; null when they are not asked. */
  async function confirmation({ judged }: FailedSchedule): Promise<Confirmation | null> {
    const codes = loaded.compiled.filter((code) => code !== null)
    if (options.confirm === false || (options.confirm === undefined && (codes.length === 0 || plainAccesses)))
      return null
    if (codes.length < loaded.compiled.length)
      return notConfirmed('threads given as functions cannot be sent to workers')
    if (plainAccesses) return notConfirmed('plain accesses are no steps there')
    if (judged === null) return notConfirmed('a schedule that never ends cannot be compared')
    const rerun = (executor: Executor) =>
      inThreadWorld(exploration.running, false, () => exploration.again(judged.result.choices, executor))
    return confirmOnWorkers(moduleWorkers(codes, loaded.canBlock), {
      seed,
      rerun,
      same: sameSteps(judged),
      difference: (workers) => difference(judged, workers),
    })
  }
}

function failureOf(
  { finding, steps, choices, schedule }: FailedSchedule,
  threads: number,
  confirmation: Confirmation | null,
): ThreadFailure {
  const replay = choicesToken(choices)
  const message = tellFailure({ finding, steps, threads, schedule, replay, confirmation: confirmation?.told ?? null })
  return new ThreadFailure(message, { kind: finding.kind, steps, replay, schedule })
}

function isFunction(thread: unknown): boolean {
  return typeof thread === 'function'
}
