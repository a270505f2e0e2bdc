import { inTurn } from './in-turn.ts'
import { partialOrderSampling } from './partial-order-sampling.ts'
import { roles } from './roles.ts'
import { selectivelyUniform } from './selectively-uniform.ts'
import type { Strategy } from './strategy.ts'

/**
 * What is used when nothing else is asked for. The selectively uniform walk gets most of the turns, since it needs the
 * fewest schedules on most programs; role priorities find what depends on crowds, and partial order sampling what no
 * single location shows.
 */
export function portfolio(seed: number): Strategy {
  const uniform = selectivelyUniform(seed)
  const crowds = roles(seed)
  const sampling = partialOrderSampling(seed)
  return inTurn([uniform, uniform, uniform, crowds, uniform, uniform, uniform, sampling], 'portfolio')
}
