/** How a count grew from round to round. */
export interface Growth {
  /** What was added in each round, on average. */
  perRound: number
  /** The interval that the true growth lies in with a confidence of 95 %. */
  low: number
  high: number
}

/** Quantiles of Student's t at 97.5 %, for 1 to 10 degrees of freedom; the last serves for more, on the safe side. */
const studentT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]

/** A growth that went on to the last round. */
export interface SteadyGrowth extends Growth {
  /** In how many rounds, one after the other. Up to {@link certainRounds} it may be something that is filled as it is needed. */
  rounds: number
}

/** Rounds without which nothing can be said of growth. */
export const roundsNeeded = 3

/**
 * Rounds of growth, one after the other, that only a leak shows.
 *
 * What a server makes as it is needed and keeps (a pool of connections, a cache of statements) is as large as the largest
 * demand so far. The largest of `n` demands that are alike is the last one with a chance of 1/n, so that such a thing grows
 * in each of three rounds with a chance of up to 1/6, and perfectly evenly where it is small: three points on a line prove
 * nothing. In each of six it grows with a chance of at most 1/720.
 */
export const certainRounds = 6

/**
 * The steady growth of a count over the latest rounds, or null when there is none.
 *
 * `rounds` are the counts at rest after each round, `baseline` the one before the first. A leak adds about the same in
 * every round and goes on to the end, while what a server creates lazily comes in the first rounds and stays. So the
 * count must have risen in each of the last three rounds, and the slope of the least-squares line through the later half
 * of the rounds (at least four, or the three that there are) must be above 0 with a confidence of 95 %, by Student's t.
 */
export function steadyGrowth(baseline: number, rounds: readonly number[]): SteadyGrowth | null {
  const risen = roundsRisen([baseline, ...rounds])
  if (risen < roundsNeeded) return null
  const growth = slope(rounds.slice(-Math.max(4, Math.ceil(rounds.length / 2))))
  return growth.low > 0 ? { ...growth, rounds: risen } : null
}

/** In how many of the latest rounds, one after the other, the count has risen. */
function roundsRisen(counts: readonly number[]): number {
  const lastStay = counts.findLastIndex((count, place) => place > 0 && count <= counts[place - 1]!)
  return counts.length - 1 - Math.max(0, lastStay)
}

/** The least-squares slope of values at 0, 1, 2, …, with its confidence interval. Needs at least three values. */
export function slope(values: readonly number[]): Growth {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const spread = values.reduce((sum, _, place) => sum + (place - middle) ** 2, 0)
  const perRound = values.reduce((sum, value, place) => sum + (place - middle) * (value - mean), 0) / spread
  const residual = values.reduce((sum, value, place) => sum + (value - mean - perRound * (place - middle)) ** 2, 0)
  const degrees = values.length - 2
  const margin = (studentT[degrees - 1] ?? studentT.at(-1)!) * Math.sqrt(residual / degrees / spread)
  return { perRound, low: perRound - margin, high: perRound + margin }
}
