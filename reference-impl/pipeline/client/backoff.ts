export interface BackoffOptions {
  /** The ceiling of the first delay, in milliseconds. */
  firstMs?: number
  /** No delay is longer than this, in milliseconds, unless the server asked for more. */
  capMs?: number
  /** A number in [0, 1), drawn once for each delay. */
  random?: () => number
}

/**
 * How long to wait before the next attempt: doubling from attempt to attempt up to a cap, with jitter.
 *
 * Half of each delay is fixed and half is drawn ("equal jitter"), so that the clients of a server that came back do
 * not arrive together, and none of them comes back at once.
 */
export class Backoff {
  readonly #firstMs: number
  readonly #capMs: number
  readonly #random: () => number
  #attempt = 0

  constructor({ firstMs = 100, capMs = 10_000, random = Math.random }: BackoffOptions = {}) {
    this.#firstMs = firstMs
    this.#capMs = capMs
    this.#random = random
  }

  /** The delay before the next attempt, in milliseconds; at least `askedMs`, which the server asked for. */
  nextMs(askedMs = 0): number {
    const ceilingMs = Math.min(this.#capMs, this.#firstMs * 2 ** this.#attempt)
    this.#attempt++
    return Math.max(askedMs, ceilingMs / 2 + (this.#random() * ceilingMs) / 2)
  }

  /** After a success, the next delay is short again. */
  reset(): void {
    this.#attempt = 0
  }
}
