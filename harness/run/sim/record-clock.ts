const tickMs = 0.001

/**
 * The clock of a simulated run's record: virtual time, and a microsecond more at each reading. Virtual time stands still
 * while things happen one after the other; what is recorded later must be later in the record all the same, since checks
 * judge by times.
 */
export class RecordClock {
  readonly #virtualMs: () => number
  #lastMs = 0

  constructor(virtualMs: () => number) {
    this.#virtualMs = virtualMs
  }

  now(): number {
    this.#lastMs = Math.max(this.#virtualMs(), this.#lastMs + tickMs)
    return this.#lastMs
  }
}
