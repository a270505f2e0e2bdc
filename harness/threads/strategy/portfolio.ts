import { inTurn } from './in-turn.ts'
import { partialOrderSampling } from './partial-order-sampling.ts'
import { Profile, profiled } from './profile.ts'
import { rolesBy } from './roles.ts'
import { selectivelyUniformBy } from './selectively-uniform.ts'
import type { Strategy } from './strategy.ts'
import { unrepeated } from './unrepeated.ts'

/**
 * What is used when nothing else is asked for. The selectively uniform walk gets most of the turns, since it needs the
 * fewest schedules on most programs; role priorities find what depends on crowds, and partial order sampling what no
 * single location shows. They learn from each other's schedules, and none repeats what another has run.
 */
export function portfolio(seed: number): Strategy {
  const profile = new Profile()
  const uniform = selectivelyUniformBy(profile, seed)
  const crowds = rolesBy(profile, seed)
  const sampling = partialOrderSampling(seed)
  const mostly = (count: number) => Array.from({ length: count }, () => uniform)
  const turns = [...mostly(5), crowds, ...mostly(7), crowds, uniform, sampling]
  return unrepeated(profiled(inTurn(turns, 'portfolio'), profile))
}
