/**
 * The clock of a run: milliseconds since its start. It counts on `process.hrtime`, which all processes and threads of
 * a machine share, so that a stamp from the target's process can be told in the run's time.
 */
export class RunClock {
  readonly #startMs = hrtimeMs()

  /** Milliseconds since the start of the run. */
  now(): number {
    return hrtimeMs() - this.#startMs
  }

  /** The run's time of a stamp in milliseconds of hrtime, in thousandths. */
  fromStamp(stampMs: number): number {
    return Math.round((stampMs - this.#startMs) * 1000) / 1000
  }
}

/** The machine's monotonic clock in milliseconds. */
export function hrtimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
