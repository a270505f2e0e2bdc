import { HarnessError } from '../../errors.ts'
import { partialOrderSampling } from './partial-order-sampling.ts'
import { portfolio } from './portfolio.ts'
import { preemptionBound } from './preemption-bound.ts'
import { priorityChanges } from './priority-changes.ts'
import { randomWalk } from './random-walk.ts'
import { selectivelyUniform } from './selectively-uniform.ts'
import { sourceSets } from './source-sets.ts'
import type { Strategy } from './strategy.ts'
import { uniformRandomWalk } from './uniform-random-walk.ts'

/** The strategies of the thread world, by the names under which they are asked for. */
const strategies = {
  /** Every outcome that the threads can have, each order of what conflicts once. */
  exhaustive: () => sourceSets(),
  portfolio,
  random: randomWalk,
  pos: partialOrderSampling,
  urw: uniformRandomWalk,
  surw: selectivelyUniform,
  pct: (seed: number) => priorityChanges(seed),
  preemptions: () => preemptionBound(),
} satisfies Record<string, (seed: number) => Strategy>

export type StrategyName = keyof typeof strategies

export const threadStrategyNames = Object.keys(strategies) as readonly StrategyName[]

/** A new strategy. Throws `ERR_UNKNOWN_NAME` when there is none of that name. */
export function strategyNamed(name: string, seed: number): Strategy {
  if (Object.hasOwn(strategies, name)) return strategies[name as StrategyName](seed)
  const known = threadStrategyNames.join(', ')
  throw new HarnessError('ERR_UNKNOWN_NAME', `no strategy of the thread world is called '${name}'; there are ${known}`)
}
