import { build, type Histogram } from 'hdr-histogram-js'

/**
 * Collects times given in milliseconds, at a resolution of a microsecond and three significant digits, whatever their
 * number. The longest is kept exactly.
 */
export class Distribution {
  readonly #histogram: Histogram = build({ autoResize: true, numberOfSignificantValueDigits: 3 })
  #maxMs = 0

  record(timeMs: number): void {
    this.#histogram.recordValue(Math.max(0, Math.round(timeMs * 1000)))
    this.#maxMs = Math.max(this.#maxMs, timeMs)
  }

  get count(): number {
    return this.#histogram.totalCount
  }

  /** The time that this percentage of the times does not exceed; 0 when there is none. */
  percentileMs(percentage: number): number {
    if (this.count === 0) return 0
    // A bucket answers with its upper bound, which may lie beyond what was ever recorded.
    return Math.min(this.#histogram.getValueAtPercentile(percentage) / 1000, this.#maxMs)
  }

  get maxMs(): number {
    return this.#maxMs
  }
}
