import type { Engine, IntegerArray, Mutex } from './engine.ts'
import { type Operation, Parked } from './operation.ts'
import type { Strategy } from './strategy/strategy.ts'

/** What a thread of a small program does to the world it shares. Each call is a scheduling point. */
export interface ThreadActions {
  load(array: IntegerArray, index: number): number
  store(array: IntegerArray, index: number, value: number): number
  add(array: IntegerArray, index: number, value: number): number
  compareExchange(array: IntegerArray, index: number, expected: number, value: number): number
  wait(array: Int32Array, index: number, value: number, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out'
  notify(array: Int32Array, index: number, count?: number): number
  lock(mutex: Mutex): void
  unlock(mutex: Mutex): void
}

/** The body of a thread. It is run again from its start for every step, so it may change nothing but through actions. */
export type ThreadBody = (actions: ThreadActions) => void

/** How a schedule ended: all threads done, some waiting for ever, given up as a repetition, or something thrown. */
export type Ending = 'done' | 'deadlock' | 'redundant' | 'thrown'

export interface ScheduleResult {
  readonly ending: Ending
  /** The thread of each step; replaying these repeats the schedule. */
  readonly choices: readonly number[]
  /** What the operations of each thread answered. */
  readonly answers: readonly (readonly unknown[])[]
  /** The operations that were not performed, one for each thread that has not ended. */
  readonly pending: readonly Operation[]
  readonly thrown?: unknown
}

/** Thrown through a thread's body to suspend it. */
class Suspended {}

interface Fiber {
  readonly body: ThreadBody
  readonly actions: ThreadActions
  readonly answers: unknown[]
  position: number
  pending: Operation | null
}

/**
 * Runs one schedule of unmodified synchronous functions as threads, in one thread: a body is suspended by throwing at an
 * operation whose answer is not known yet, and resumed by running it again with the answers so far.
 */
export function runSchedule(engine: Engine, bodies: readonly ThreadBody[], strategy: Strategy): ScheduleResult {
  const fibers = bodies.map((body, thread) => fiberOf(engine, thread, body))
  const choices: number[] = []
  const result = (ending: Ending, thrown?: unknown): ScheduleResult => {
    const pending = fibers.flatMap((fiber) => fiber.pending ?? [])
    return { ending, choices, answers: fibers.map(({ answers }) => answers), pending, thrown }
  }
  strategy.begin()
  try {
    fibers.forEach(advance)
    for (;;) {
      const pending = fibers.flatMap((fiber) => fiber.pending ?? [])
      const enabled = pending.filter((operation) => operation.enabled())
      if (enabled.length === 0) return result(pending.length === 0 ? 'done' : 'deadlock')
      const chosen = strategy.pick(enabled, pending)
      if (chosen === null) return result('redundant')
      choices.push(chosen.thread)
      step(fibers[chosen.thread]!, chosen)
    }
  } catch (thrown) {
    return result('thrown', thrown)
  }
}

function step(fiber: Fiber, operation: Operation): void {
  const answer = operation.perform()
  if (answer instanceof Parked) {
    fiber.pending = answer.next
    return
  }
  fiber.answers.push(answer)
  advance(fiber)
}

/** Runs a body again, up to its next operation or its end. */
function advance(fiber: Fiber): void {
  fiber.position = 0
  fiber.pending = null
  try {
    fiber.body(fiber.actions)
  } catch (thrown) {
    if (!(thrown instanceof Suspended)) throw thrown
    return
  }
  if (fiber.pending !== null) {
    throw new Error('a thread caught what suspends it: let a catch clause rethrow what it does not know')
  }
}

function fiberOf(engine: Engine, thread: number, body: ThreadBody): Fiber {
  const answered = (declare: () => Operation): unknown => {
    if (fiber.pending !== null) throw new Suspended()
    if (fiber.position < fiber.answers.length) return fiber.answers[fiber.position++]
    fiber.pending = declare()
    throw new Suspended()
  }
  const actions: ThreadActions = {
    load: (array, index) => answered(() => engine.load(thread, array, index)) as number,
    store: (array, index, value) => answered(() => engine.store(thread, array, index, value)) as number,
    add: (array, index, value) =>
      answered(() => engine.update(thread, array, index, () => Atomics.add(array, index, value))) as number,
    compareExchange: (array, index, expected, value) =>
      answered(() =>
        engine.update(thread, array, index, () => Atomics.compareExchange(array, index, expected, value)),
      ) as number,
    wait: (array, index, value, timeoutMs = Number.POSITIVE_INFINITY) =>
      answered(() => engine.wait(thread, array, index, value, timeoutMs)) as 'ok' | 'not-equal' | 'timed-out',
    notify: (array, index, count = Number.POSITIVE_INFINITY) =>
      answered(() => engine.notify(thread, array, index, count)) as number,
    lock: (mutex) => void answered(() => engine.lock(thread, mutex)),
    unlock: (mutex) => void answered(() => engine.unlock(thread, mutex)),
  }
  const fiber: Fiber = { body, actions, answers: [], position: 0, pending: null }
  return fiber
}
