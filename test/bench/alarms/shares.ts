import { strategyNames } from '../../../harness/sim/strategy/strategies.ts'

/** Part of a scenario's schedules, played in the orders of one strategy. */
export interface Share {
  strategy: string
  schedules: number
}

/**
 * The weight of each strategy; 2 for one that is not named. All that the portfolio plays is played alone as well, with
 * other figures; the natural order has few orders to show, and what is exhaustive stays near to it for long.
 */
const weights: Readonly<Record<string, number>> = { portfolio: 6, natural: 1, exhaustive: 1 }

/** So few schedules are not worth the start of a strategy's threads. */
const worthwhile = 200

/** Spreads schedules over all strategies; over the portfolio alone, which plays most of them by turns, when they are few. */
export function sharesOf(schedules: number): Share[] {
  const total = strategyNames.reduce((sum, name) => sum + weightOf(name), 0)
  const rest = strategyNames
    .filter((name) => name !== 'portfolio')
    .map((strategy) => ({ strategy, schedules: Math.floor((schedules * weightOf(strategy)) / total) }))
    .filter((share) => share.schedules >= worthwhile)
  const spent = rest.reduce((sum, share) => sum + share.schedules, 0)
  return [{ strategy: 'portfolio', schedules: schedules - spent }, ...rest]
}

function weightOf(strategy: string): number {
  return weights[strategy] ?? 2
}
