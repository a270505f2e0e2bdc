/** One measured figure, beside what it is compared with and what it should be. */
export interface Figure {
  name: string
  value: number
  unit: string
  /** What it is compared with, measured in the same run. */
  peer: string | null
  peerValue: number | null
  /** value / peerValue. */
  ratio: number | null
  /** What is to be reached, in words. */
  goal: string
  met: boolean
}

/** What of a benchmark that takes very long is run; all of it, with its usual seed, where nothing is said. */
export interface BenchOptions {
  schedules?: number | undefined
  seed?: number | undefined
  /** Names of scenarios. */
  scenarios?: readonly string[] | undefined
  /** Names of defects. */
  defects?: readonly string[] | undefined
}

/** The middle one of several measurements; the upper of the two middle ones when their number is even. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}
