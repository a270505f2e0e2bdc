/**
 * Counts down the time that output may take to end after its process has. The clock stands still while we are the ones
 * who are slow: output that waits for our database must not be cut off as if nothing came any more.
 */
export class DrainClock {
  #leftMs: number
  #pauses = 0
  #startedMs = 0
  #timer: NodeJS.Timeout | undefined
  #onEnd: (() => void) | null = null

  constructor(timeoutMs: number) {
    this.#leftMs = timeoutMs
  }

  /** Starts the clock; resolves when it has run down, and never when it is stopped before. */
  runDown(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEnd = resolve
      this.#tick()
    })
  }

  /** Stands still until `ours` settles, and passes on how it did. */
  async pauseFor(ours: Promise<void>): Promise<void> {
    this.#pauses++
    this.#halt()
    try {
      await ours
    } finally {
      this.#pauses--
      this.#tick()
    }
  }

  stop(): void {
    this.#halt()
    this.#onEnd = null
  }

  #tick(): void {
    if (this.#onEnd === null || this.#pauses > 0 || this.#timer) return
    this.#startedMs = performance.now()
    this.#timer = setTimeout(this.#onEnd, this.#leftMs)
  }

  #halt(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#startedMs))
  }
}
