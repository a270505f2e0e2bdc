import { delayBounded } from './delay-bounded.ts'
import { natural } from './natural.ts'
import { pct } from './pct.ts'
import { pos } from './pos.ts'
import { randomWalk } from './random-walk.ts'
import type { StrategyMaker } from './strategy.ts'
import { surw } from './surw.ts'

const naturalOrder: StrategyMaker = { name: 'natural', make: natural }
const random: StrategyMaker = { name: 'random', make: randomWalk }

/**
 * What the portfolio plays by turns. None of them is best everywhere: a random walk finds what needs no luck, delays
 * what needs one event late among many, and PCT what needs one lane to starve.
 */
const portfolio: readonly StrategyMaker[] = [
  random,
  delayBounded(3),
  pos,
  surw,
  random,
  delayBounded(2),
  pct(2),
  pct(3),
]

/** The strategies by name; of a family that takes a figure, with the usual one. */
const families: Readonly<Record<string, (figure?: number) => readonly StrategyMaker[]>> = {
  portfolio: () => portfolio,
  natural: () => [naturalOrder],
  random: () => [random],
  delay: (delays = 3) => [delayBounded(delays)],
  pct: (depth = 3) => [pct(depth)],
  pos: () => [pos],
  surw: () => [surw],
}

/** The search through all orders. It learns from each schedule which is the next, so that no maker can make it. */
export const exhaustiveName = 'exhaustive'

/** The names of all strategies; `delay` and `pct` may be followed by a figure, as in `delay:2`. */
export const strategyNames: readonly string[] = [...Object.keys(families), exhaustiveName]

export function isStrategyName(name: string): boolean {
  return name === exhaustiveName || strategiesNamed(name) !== undefined
}

/**
 * The strategies that a name stands for, to be played by turns; undefined when there is none of that name, or it is
 * `exhaustive`.
 */
export function strategiesNamed(name: string): readonly StrategyMaker[] | undefined {
  const [, family, figure] = /^([a-z]+)(?::([1-9]\d?))?$/.exec(name) ?? []
  if (family === undefined || !Object.hasOwn(families, family)) return undefined
  if (figure !== undefined && family !== 'delay' && family !== 'pct') return undefined
  return families[family]?.(figure === undefined ? undefined : Number(figure))
}
