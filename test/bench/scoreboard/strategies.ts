import { partialOrderSampling } from '../../../harness/threads/strategy/partial-order-sampling.ts'
import { portfolio } from '../../../harness/threads/strategy/portfolio.ts'
import { preemptionBound } from '../../../harness/threads/strategy/preemption-bound.ts'
import { priorityChanges } from '../../../harness/threads/strategy/priority-changes.ts'
import { randomWalk } from '../../../harness/threads/strategy/random-walk.ts'
import { roles } from '../../../harness/threads/strategy/roles.ts'
import { selectivelyUniform } from '../../../harness/threads/strategy/selectively-uniform.ts'
import { sourceSets } from '../../../harness/threads/strategy/source-sets.ts'
import type { Strategy } from '../../../harness/threads/strategy/strategy.ts'
import { uniformRandomWalk } from '../../../harness/threads/strategy/uniform-random-walk.ts'

/** What is compared, by the heading of its column. A systematic one does the same for every seed. */
export const strategies: ReadonlyMap<string, (seed: number) => Strategy> = new Map([
  ['portfolio', portfolio],
  ['SURW', selectivelyUniform],
  ['roles', roles],
  ['POS', partialOrderSampling],
  ['URW', uniformRandomWalk],
  ['PCT3', (seed: number) => priorityChanges(seed, 3)],
  ['random', randomWalk],
  ['bound', () => preemptionBound()],
  ['exhaustive', () => sourceSets()],
])
