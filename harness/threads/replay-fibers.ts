import { actionsOf } from './actions.ts'
import type { Condition, Engine, Mutex, Semaphore } from './engine.ts'
import { Fiber, type FiberOptions } from './fiber.ts'
import { type Operation, type OperationKind, Parked } from './operation.ts'
import type { IntegerArray } from './real-atomics.ts'
import type { Strategy } from './strategy/strategy.ts'

type NumberArray = Exclude<IntegerArray, BigInt64Array | BigUint64Array>

/** What a thread of a small program does to the world it shares. Each call but the last two is a scheduling point. */
export interface ThreadActions {
  load(array: NumberArray, index: number): number
  /** A plain load, without `Atomics`. */
  read(array: NumberArray, index: number): number
  store(array: NumberArray, index: number, value: number): number
  /** A plain store, without `Atomics`. */
  write(array: NumberArray, index: number, value: number): number
  add(array: NumberArray, index: number, value: number): number
  exchange(array: NumberArray, index: number, value: number): number
  compareExchange(array: NumberArray, index: number, expected: number, value: number): number
  wait(array: Int32Array, index: number, value: number, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out'
  notify(array: Int32Array, index: number, count?: number): number
  lock(mutex: Mutex): void
  tryLock(mutex: Mutex): boolean
  unlock(mutex: Mutex): void
  /** Lets the mutex go, sleeps until a signal, and takes the mutex again. */
  waitFor(condition: Condition, mutex: Mutex): void
  /** Wakes one that waits; answers how many it woke. */
  signal(condition: Condition): number
  /** Wakes all that wait; answers how many it woke. */
  broadcast(condition: Condition): number
  acquire(semaphore: Semaphore): void
  release(semaphore: Semaphore): void
  /** For loops that wait: the thread goes on once something has changed that it has read since it last yielded. */
  yield(): void
  /** Throws a {@link ThreadAssertion} unless it holds. */
  assert(holds: boolean, message: string): asserts holds
  /** Throws a {@link ThreadAssertion}. */
  fail(message: string): never
}

/** A thread of a small program has found that something is not as it should be. */
export class ThreadAssertion extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ThreadAssertion'
  }
}

/** The body of a thread. It is run again from its start for every step, so it may change nothing but through actions. */
export type ThreadBody = (actions: ThreadActions) => unknown

/**
 * How a schedule ended: all threads done, some waiting for ever, given up as a repetition, something thrown, or more
 * steps than it may have.
 */
export type Ending = 'done' | 'deadlock' | 'redundant' | 'thrown' | 'too-long'

export interface ScheduleResult {
  readonly ending: Ending
  /** The thread of each step; replaying these repeats the schedule. */
  readonly choices: readonly number[]
  /** What the operations of each thread answered. */
  readonly answers: readonly (readonly unknown[])[]
  /** The operations that were not performed, one for each thread that has not ended. */
  readonly pending: readonly Operation[]
  /** What each thread returned; undefined for those that have not ended. */
  readonly returned: readonly unknown[]
  readonly thrown?: unknown
}

export interface ScheduleOptions extends Omit<FiberOptions, 'random'> {
  /** How many steps a schedule may have; 10,000 unless told otherwise. */
  steps?: number
  /** Told of each operation after it was performed, with its answer. */
  performed?: ((operation: Operation, answer: unknown, fiber: Fiber) => void) | undefined
  /** Told which thread's code runs, and null when none does. */
  runs?: ((fiber: Fiber | null) => void) | undefined
  /** Random numbers for the code of a thread. */
  randomOf?: ((thread: number) => () => number) | undefined
}

const modelledKinds: ReadonlySet<OperationKind> = new Set([
  'lock',
  'try-lock',
  'unlock',
  'signal',
  'acquire',
  'release',
])

/** How often threads that only repeat themselves are let go on, when nobody else can. */
const insistencesMax = 1_000

/**
 * Runs one schedule of unmodified synchronous functions as threads, in one thread. A thread is suspended by throwing and
 * resumed by running it again ({@link Fiber}); the strategy picks who takes the next step.
 */
export function runSchedule(
  engine: Engine,
  bodies: readonly ThreadBody[],
  strategy: Strategy,
  options: ScheduleOptions = {},
): ScheduleResult {
  const { steps = 10_000 } = options
  const fibers = bodies.map((body, thread) => fiberOf(engine, thread, body, options))
  const choices: number[] = []
  let insistences = 0
  const result = (ending: Ending, thrown?: unknown): ScheduleResult => {
    const pending = pendingOf(fibers)
    const returned = fibers.map((fiber) => fiber.returned)
    return { ending, choices, answers: fibers.map(({ answers }) => answers), pending, returned, thrown }
  }
  strategy.begin()
  try {
    for (const fiber of fibers) advance(fiber, options)
    for (;;) {
      const pending = pendingOf(fibers)
      let enabled = pending.filter((operation) => operation.enabled())
      if (enabled.length === 0 && insistences++ < insistencesMax) enabled = insisting(pending)
      if (enabled.length === 0) return result(pending.length === 0 ? 'done' : 'deadlock')
      if (choices.length >= steps) return result('too-long')
      const chosen = strategy.pick(enabled, pending)
      if (chosen === null) return result('redundant')
      choices.push(chosen.thread)
      step(engine, fibers[chosen.thread]!, chosen, options)
    }
  } catch (thrown) {
    return result('thrown', thrown)
  }
}

/** One operation for each thread that has not ended. A loop, since this is done at every step. */
function pendingOf(fibers: readonly Fiber[]): Operation[] {
  const pending: Operation[] = []
  for (const fiber of fibers) if (fiber.pending !== null) pending.push(fiber.pending)
  return pending
}

/** Those that wait for a change only because they repeat themselves, and may have another reason to. */
function insisting(pending: readonly Operation[]): Operation[] {
  return pending.flatMap(({ insisting }) => (insisting?.enabled() ? insisting : []))
}

function step(engine: Engine, fiber: Fiber, operation: Operation, options: ScheduleOptions): void {
  const answer = operation.perform()
  if (isEffect(operation, answer)) engine.rereadsOf(operation.thread).clear()
  options.performed?.(operation, answer, fiber)
  if (answer instanceof Parked) {
    fiber.pending = answer.next
    return
  }
  fiber.answer(answer)
  advance(fiber, options)
}

/** Whether a thread that did this is not turning in a circle; of memory the engine knows that itself. */
function isEffect({ kind, accesses }: Operation, answer: unknown): boolean {
  if (kind === 'notify') return answer !== 0
  if (kind === 'wait') return answer !== 'not-equal' && accesses.every(({ from }) => from < 0)
  return kind === 'wake' ? answer !== 'timed-out' : modelledKinds.has(kind)
}

function advance(fiber: Fiber, { runs }: ScheduleOptions): void {
  runs?.(fiber)
  try {
    fiber.advance()
  } finally {
    runs?.(null)
  }
}

function fiberOf(engine: Engine, thread: number, body: ThreadBody, options: ScheduleOptions): Fiber {
  const { memory, places, randomOf } = options
  const random = randomOf?.(thread)
  const fiber: Fiber = new Fiber(thread, () => body(actions), { memory, places, ...(random && { random }) })
  const actions = actionsOf(engine, fiber)
  return fiber
}
