import { build, type Histogram } from 'hdr-histogram-js'
import { DefaultMap } from './default-map.ts'

/** A bar of a histogram: how many times lay between the bar before it and `upToMs`. */
export interface HistogramBar {
  upToMs: number
  count: number
}

/**
 * Collects times given in milliseconds, at a resolution of a microsecond and three significant digits, whatever their
 * number. The longest is kept exactly.
 */
export class Distribution {
  readonly #histogram: Histogram = build({ autoResize: true, numberOfSignificantValueDigits: 3 })
  /** How many times there were by the power of two that is not below them, in microseconds. */
  readonly #bars = new DefaultMap<number, { count: number }>(() => ({ count: 0 }))
  #maxMs = 0

  record(timeMs: number): void {
    const microseconds = Math.max(0, Math.round(timeMs * 1000))
    this.#histogram.recordValue(microseconds)
    this.#bars.of(Math.ceil(Math.log2(Math.max(1, microseconds)))).count++
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

  /** The times as bars that double in width, from a microsecond on; those without any time are left out. */
  bars(): HistogramBar[] {
    return [...this.#bars.entries()]
      .sort(([one], [other]) => one - other)
      .map(([exponent, { count }]) => ({ upToMs: 2 ** exponent / 1000, count }))
  }
}
