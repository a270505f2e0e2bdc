export interface PatienceOptions {
  /** How long nothing may happen before it is taken that nothing will. */
  quietMs: number
  /** The same clock as that of the moments below. */
  nowMs(): number
  /** When something last happened. */
  lastActivityMs(): number
  /** How long processes have been ready to run without a processor so far; see {@link World.starvedMs}. */
  starvedMs(): number
}

/**
 * How long it is worth waiting for something to happen: until nothing has happened for a while, in which it could have. What
 * waits for a processor on a busy machine is not stuck, so that its waiting does not count.
 */
export class Patience {
  readonly #options: PatienceOptions
  readonly #begunMs: number
  #sinceMs = Number.NaN
  #starvedBeforeMs = 0

  constructor(options: PatienceOptions) {
    this.#options = options
    this.#begunMs = options.nowMs()
  }

  /** How long to go on waiting, if nothing happens and it takes at most `longestMs` in all; 0 or less: no longer. */
  leftMs(longestMs: number): number {
    const { quietMs, nowMs, starvedMs } = this.#options
    const sinceMs = Math.max(this.#begunMs, this.#options.lastActivityMs())
    if (sinceMs !== this.#sinceMs) {
      this.#sinceMs = sinceMs
      this.#starvedBeforeMs = starvedMs()
    }
    const untilMs = (moment: number) => Math.min(moment, this.#begunMs + longestMs) - nowMs()
    const leftMs = untilMs(sinceMs + quietMs)
    if (leftMs > 0) return leftMs
    return untilMs(sinceMs + quietMs + Math.max(0, starvedMs() - this.#starvedBeforeMs))
  }
}
