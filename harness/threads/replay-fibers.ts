import { FiberActions } from './actions.ts'
import type { Condition, Engine, Mutex, Semaphore } from './engine.ts'
import { Fiber } from './fiber.ts'
import type { IntegerArray } from './real-atomics.ts'
import { Schedule, type ScheduleOptions, type ScheduleResult } from './schedule.ts'
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
 * Runs one schedule of unmodified synchronous functions as threads, in one thread. A thread is suspended by throwing and
 * resumed by running it again ({@link Fiber}); the strategy picks who takes the next step.
 */
export function runSchedule(
  engine: Engine,
  bodies: readonly ThreadBody[],
  strategy: Strategy,
  options: ScheduleOptions = {},
): ScheduleResult {
  const schedule = new Schedule(engine, strategy, options)
  const fibers = bodies.map((body, thread) => fiberOf(engine, thread, body, { options, schedule }))
  options.trail?.follow(fibers)
  return schedule.run(fibers)
}

function fiberOf(
  engine: Engine,
  thread: number,
  body: ThreadBody,
  { options, schedule }: { options: ScheduleOptions; schedule: Schedule },
): Fiber {
  const fiber: Fiber = new Fiber(thread, () => body(actions), options, schedule)
  const actions = new FiberActions(engine, fiber)
  return fiber
}
