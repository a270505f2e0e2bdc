import { busyLine } from '../../watch/busy-line.ts'
import { TimeLimitReached, withTimeLimit } from '../../watch/time-limit.ts'
import type { Fiber } from '../fiber.ts'
import type { Running } from '../running.ts'
import type { Strategy } from '../strategy/strategy.ts'

/** How long a thread may run between two operations, unless told otherwise. */
export const usualStuckMs = 10_000

/** How long a thread that is stuck is let go on when its schedule is run once more. */
const lookMs = 500

/** A thread that runs on and asks for no operation. */
export interface StuckThread {
  readonly fiber: Fiber
  /** The line where it is, as file:line; null when that cannot be seen. */
  readonly line: string | null
  /** The thread of each step before. */
  readonly choices: readonly number[]
}

/**
 * Why schedules were ended: a thread is stuck; the code `around` the threads is; or all was merely `slow`, since the same
 * schedule goes on when it is run once more.
 */
export type Overrun = StuckThread | 'around' | 'slow'

/** Ends schedules that take too long, and finds out which thread is to blame. */
export class StuckWatch {
  readonly #running: Running
  readonly #original: (place: string) => string
  /** The thread of each step of the schedule that runs. */
  #choices: number[] = []
  /** The thread whose code was ended. */
  #endedIn: Fiber | null = null

  /** `original` leads from a place in code that was rewritten to what the user wrote. */
  constructor(running: Running, original: (place: string) => string) {
    this.#running = running
    this.#original = original
  }

  /** The same strategy, whose choices are known even if the schedule never ends. */
  noting(strategy: Strategy): Strategy {
    return {
      ...strategy,
      begin: () => {
        this.#choices = []
        strategy.begin()
      },
      pick: (enabled, pending) => {
        const chosen = strategy.pick(enabled, pending)
        if (chosen !== null) this.#choices.push(chosen.thread)
        return chosen
      },
      end: (pending) => strategy.end(pending),
    }
  }

  /** Runs schedules for at most so long; throws a {@link TimeLimitReached} beyond that. */
  limited<T>(limitMs: number, code: () => T): T {
    this.#endedIn = null
    return withTimeLimit(limitMs, code, () => {
      this.#endedIn = this.#running.fiber
      // Nothing that runs from now on is the thread's code.
      this.#running.fiber = null
    })
  }

  /**
   * Which thread the schedule that was ended did not come back from. Goes there once more by `again`, which is to run the
   * schedule of these choices and to tell its steps: the fiber of the second time knows the places of its operations.
   */
  overrun(again: (choices: readonly number[]) => void): Overrun {
    const first = this.#endedIn
    const choices = [...this.#choices]
    if (first === null) return 'around'
    const line = busyLine(() => this.#look(() => again(choices)), this.#original)
    const fiber = this.#endedIn as Fiber | null
    if (fiber?.thread !== first.thread || fiber.log.length !== first.log.length) return 'slow'
    return { fiber, line, choices }
  }

  #look(code: () => void): void {
    try {
      this.limited(lookMs, code)
    } catch (thrown) {
      if (!(thrown instanceof TimeLimitReached)) throw thrown
    }
  }
}
