import { Attempt, type AttemptOptions } from './attempt.ts'
import type { Backoff } from './backoff.ts'
import { kindOf } from './failure.ts'
import type { Fallback } from './fallback.ts'
import type { Readiness } from './readiness.ts'
import { Refusal } from './refusal.ts'
import type { Sleep } from './sleep.ts'

export interface WatchLoopOptions extends AttemptOptions {
  fallback: Fallback
  backoff: Backoff
  readiness: Readiness
  sleep: Sleep
}

/**
 * Watches one plan to its end, over as many connections as that takes.
 *
 *     attempt ──let in──▶ hear ──terminal event──▶ done
 *        ▲    ╲            │
 *        │     failed      lost, disconnected, silent, a hole
 *        │         ╲       │
 *        └── wait ◀── permanent? ──yes──▶ reject
 */
export class WatchLoop {
  readonly #options: WatchLoopOptions

  constructor(options: WatchLoopOptions) {
    this.#options = options
  }

  /**
   * Resolves at the terminal event. Rejects with the refusal that no other attempt can change, with ListenerFailed, or
   * with an AbortError when the signal ended it.
   */
  async run(): Promise<void> {
    const { signal, fallback } = this.#options
    for (;;) {
      const failure = await this.#attempt()
      if (failure === null) return
      signal.throwIfAborted()
      if (!this.retries(failure)) throw failure
      fallback.failed(kindOf(failure))
      await this.#wait(failure)
    }
  }

  /** Whether another attempt can help. */
  protected retries(failure: Error): boolean {
    return kindOf(failure) !== 'permanent'
  }

  /** Null when the plan's end was heard, else why the attempt ended before. */
  #attempt(): Promise<Error | null> {
    return new Attempt(this.#options).run(this.#options.fallback.current).then(
      () => null,
      (failure: Error) => failure,
    )
  }

  async #wait(failure: Error): Promise<void> {
    const { sleep, backoff, readiness, signal } = this.#options
    const kind = kindOf(failure)
    if (kind === 'interrupted') backoff.reset()
    await sleep(backoff.nextMs(failure instanceof Refusal ? failure.retryAfterMs : 0), signal)
    if (kind === 'unreachable') await readiness.wait(signal)
  }
}
