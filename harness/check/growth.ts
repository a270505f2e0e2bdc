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

/** Rounds that growth must go on for; what was created lazily has been created by then. */
export const roundsNeeded = 3

/**
 * The steady growth of a count over the latest rounds, or null when there is none.
 *
 * `rounds` are the counts at rest after each round, `baseline` the one before the first. A leak adds about the same in
 * every round and goes on to the end, while what a server creates lazily comes in the first rounds and stays. So the
 * count must have risen in each of the last three rounds, and the slope of the least-squares line through the later half
 * of the rounds (at least four, or the three that there are) must be above 0 with a confidence of 95 %, by Student's t.
 */
export function steadyGrowth(baseline: number, rounds: readonly number[]): Growth | null {
  if (rounds.length < roundsNeeded) return null
  const series = [baseline, ...rounds].slice(-roundsNeeded - 1)
  if (!series.every((count, place) => place === 0 || count > series[place - 1]!)) return null
  const growth = slope(rounds.slice(-Math.max(4, Math.ceil(rounds.length / 2))))
  return growth.low > 0 ? growth : null
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
