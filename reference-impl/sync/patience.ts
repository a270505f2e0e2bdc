/** How long a caller is willing to wait. */
export interface WaitOptions {
  /** Gives up after this long; never, when it is left out. 0 means: only if there is no need to wait. */
  timeoutMs?: number
  /** Gives up when it aborts. */
  signal?: AbortSignal
}

/** Thrown to a caller that waited as long as it was willing to. It holds nothing, and its place in the line is given up. */
export class WaitTimeout extends Error {
  constructor(what: string, timeoutMs: number) {
    super(
      `gave up waiting for ${what} after ${timeoutMs} ms; its holder is slow or stuck, or the time-out is too short`,
    )
    this.name = 'WaitTimeout'
  }
}

/** One caller's patience: counts down from the moment it begins to wait. */
export class Patience {
  readonly #what: string
  readonly #timeoutMs: number
  readonly #deadlineMs: number
  readonly #signal: AbortSignal | undefined

  constructor(what: string, { timeoutMs = Number.POSITIVE_INFINITY, signal }: WaitOptions = {}) {
    this.#what = what
    this.#timeoutMs = timeoutMs
    this.#deadlineMs = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : performance.now() + timeoutMs
    this.#signal = signal
  }

  /** What is left of it, in milliseconds; 0 when it is over. */
  remainingMs(): number {
    if (this.#signal?.aborted) return 0
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) return this.#deadlineMs
    return Math.max(0, this.#deadlineMs - performance.now())
  }

  isOver(): boolean {
    return this.remainingMs() === 0
  }

  /** Why it ended: the signal's reason, or a {@link WaitTimeout}. */
  reason(): unknown {
    return this.#signal?.aborted ? this.#signal.reason : new WaitTimeout(this.#what, this.#timeoutMs)
  }

  /** Calls back when the signal aborts; returns what stops listening. */
  onAbort(listener: () => void): () => void {
    this.#signal?.addEventListener('abort', listener, { once: true })
    return () => this.#signal?.removeEventListener('abort', listener)
  }

  /** Calls back once when it is over; returns what stops listening. */
  onEnd(listener: () => void): () => void {
    const remainingMs = this.remainingMs()
    const timer = remainingMs === Number.POSITIVE_INFINITY ? undefined : setTimeout(ended, remainingMs)
    const ignoreAbort = this.onAbort(ended)
    const stop = (): void => {
      clearTimeout(timer)
      ignoreAbort()
    }
    function ended(): void {
      stop()
      listener()
    }
    return stop
  }
}
