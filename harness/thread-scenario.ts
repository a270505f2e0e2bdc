import type { Check } from './check/check.ts'
import type { Parts } from './defect.ts'
import { HarnessError } from './errors.ts'
import { type AnyScenario, isScenarioName } from './scenario.ts'
import type { Target } from './target.ts'

/** The code of one thread: a function that a module exports. A closure could neither be made anew nor sent to a worker. */
export interface ThreadExport {
  /** The URL of the module; `import.meta.url` for a function that the scenario's own file exports. */
  readonly module: string | URL
  /** The name of the exported function, a {@link ThreadCode}. */
  readonly run: string
  /**
   * False for an event loop that must never stand still, as the main thread of a server: `Atomics.wait` throws a TypeError
   * there, as the language has it for agents that cannot block; `Atomics.waitAsync` does what it always does. A worker's
   * thread can block, so true unless told otherwise.
   */
  readonly canBlock?: boolean
}

/** What a thread records by. Nothing here tells which schedule it is, or in which world. */
export interface ThreadClient {
  /** `t0`, `t1`, …, and `main` for what comes before and after the threads. */
  readonly id: string
  /**
   * Records one call around `run`, of a synchronous or an async function. It begins with its first operation on shared memory and ends with its last.
   * What `run` answers is the call's output and is returned; what it throws is thrown on, and recorded: a
   * `CallFailed` as a refusal without effect, anything else as an outcome that nobody knows. Outputs must be JSON.
   */
  call<T>(f: string, input: unknown, run: () => T): T
  /** A client of its own for one of several async tasks of the thread, since a client does one thing at a time. */
  task(name: string): ThreadClient
}

/** What a thread works with, beside the shared state. */
export interface ThreadContext<P extends Parts = Parts> {
  /** The target's component classes, the defect applied: a thread makes its own objects of them, over the shared memory. */
  readonly parts: P
  readonly client: ThreadClient
}

/** The code of a thread. */
export type ThreadCode<State, P extends Parts = Parts> = (state: State, context: ThreadContext<P>) => unknown

/** How much of what can happen is tried. */
export interface ThreadScale {
  /** How many schedules are run at the most; 1,000 when it is left out. */
  schedules?: number
  /** How long a thread may run between two operations before it counts as stuck, in milliseconds; 10 s when it is left out. */
  stuckMs?: number
}

/** A scenario of threads as its author writes it. */
export interface ThreadScenarioDefinition<State, P extends Parts> {
  // biome-ignore lint/suspicious/noExplicitAny: threads have neither the target's client nor its configuration
  target: Target<any, P, any>
  /** The document and section that describes the bug. */
  source: string
  /** The promise, in one sentence. */
  promise: string
  /**
   * Makes what the threads share, afresh for each schedule. Shared buffers and plain data only, which can be sent to a
   * worker: each thread makes its own objects over it.
   */
  setup(context: { readonly parts: P }): State
  threads: readonly ThreadExport[]
  /** Looks at the end, when all threads have ended; its calls are those of the client `main`. */
  final?(state: State, context: ThreadContext<P>): void
  checks: readonly Check[]
  /**
   * Makes reads and writes of shared memory without `Atomics` steps of their own, so that data races show. All threads must be
   * exports of the scenario's own file, which is rewritten for that, with all that it imports relatively.
   */
  plainAccesses?: boolean
  scale?: ThreadScale
}

/** A scenario of threads with its name. It runs in the world `threads` only. */
export interface ThreadScenario<State = unknown, P extends Parts = Parts>
  extends Omit<ThreadScenarioDefinition<State, P>, 'scale'> {
  readonly kind: 'thread-scenario'
  readonly name: string
  readonly scale: { readonly threads: ThreadScale; readonly sim?: undefined; readonly live?: undefined }
}

/** A scenario of threads, where the types of its state and parts do not matter. */
// biome-ignore lint/suspicious/noExplicitAny: it is contravariant in both, so no narrower type holds them all
export type AnyThreadScenario = ThreadScenario<any, any>

/** What a scenario file exports: a scenario of clients, or one of threads. */
export type RunnableScenario = AnyScenario | AnyThreadScenario

/**
 * Declares a scenario of threads: unmodified code on shared memory, every order of its operations.
 *
 * ```ts
 * export default threadScenario('two-counters', {
 *   target: state,
 *   source: 'the document: its section',
 *   promise: 'No visit is lost.',
 *   setup: ({ parts }) => ({ lock: new parts.ReentrantLock({ name: 'visits' }).buffer, … }),
 *   threads: [{ module: import.meta.url, run: 'visit' }, { module: import.meta.url, run: 'visit' }],
 *   checks: [check.mutualExclusion(), check.progress()],
 * })
 * ```
 *
 * Throws `ERR_SCENARIO_INVALID` at once when a field is missing or makes no sense.
 */
export function threadScenario<State, P extends Parts>(
  name: string,
  definition: ThreadScenarioDefinition<State, P>,
): ThreadScenario<State, P> {
  for (const problem of problems(name, definition)) {
    throw new HarnessError('ERR_SCENARIO_INVALID', `thread scenario '${String(name)}': ${problem}`)
  }
  return { ...definition, kind: 'thread-scenario', name, scale: { threads: definition.scale ?? {} } }
}

// The input is user code that may come from plain JavaScript, so the types prove nothing here.
function* problems(
  name: unknown,
  definition: Partial<Omit<AnyThreadScenario, 'scale'>> & { scale?: ThreadScale },
): Generator<string> {
  if (!isScenarioName(name)) yield 'the name must be kebab-case, such as lock-entered-twice'
  if (typeof definition !== 'object' || definition === null) {
    return yield `expected a definition object, got ${typeof definition}`
  }
  const { target, setup, threads, checks, scale } = definition
  if (typeof target?.parts !== 'object') yield 'target must be a target made by defineTarget()'
  if (typeof setup !== 'function') yield `setup must be a function that makes the shared state, got ${typeof setup}`
  if (!Array.isArray(threads) || threads.length === 0) yield 'threads must be a list of at least one thread'
  else if (!threads.every(isThreadExport)) {
    yield "every thread must name a module and a function that it exports, as in { module: import.meta.url, run: 'visit' }"
  } else if (!threads.every(({ canBlock }) => canBlock === undefined || typeof canBlock === 'boolean')) {
    yield 'canBlock of a thread must be false for an event loop that must never stand still, or true'
  }
  if (!Array.isArray(checks) || checks.length === 0) {
    yield 'checks must be a list of at least one check; without one, no run could be judged'
  } else if (!checks.every((check) => typeof check?.judge === 'function')) {
    yield 'every entry of checks must be a check, such as check.progress()'
  }
  for (const field of ['schedules', 'stuckMs'] as const) {
    const value = scale?.[field]
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      yield `scale.${field} must be a whole number of at least 1, got ${JSON.stringify(value)}`
    }
  }
}

function isThreadExport(thread: Partial<ThreadExport> | undefined): boolean {
  return typeof thread?.run === 'string' && (typeof thread.module === 'string' || thread.module instanceof URL)
}
