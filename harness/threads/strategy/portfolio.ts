import { inTurn } from './in-turn.ts'
import { oneAfterAnother } from './one-after-another.ts'
import { partialOrderSampling } from './partial-order-sampling.ts'
import { Profile, profiled } from './profile.ts'
import { rolesBy } from './roles.ts'
import { selectivelyUniformBy } from './selectively-uniform.ts'
import type { Strategy } from './strategy.ts'
import { unrepeated } from './unrepeated.ts'

/** After so many schedules the search is a long one. All other programs of the scoreboard show their bug before. */
const longAfter = 4_096

/**
 * What is used when nothing else is asked for. The selectively uniform walk gets most of the turns, since it needs the
 * fewest schedules on most programs; role priorities find what depends on crowds, and partial order sampling what no
 * single location shows. They learn from each other's schedules, and none repeats what another has run.
 *
 * A search that has gone on for long looks for what hides from all selections, and leaves most turns to partial order
 * sampling, which makes none: it shows the bug of SafeStack, which takes some hundred thousand schedules.
 */
export function portfolio(seed: number): Strategy {
  const profile = new Profile()
  const uniform = selectivelyUniformBy(profile, seed)
  const crowds = rolesBy(profile, seed)
  const sampling = partialOrderSampling(seed)
  const some = (count: number, strategy: Strategy) => Array.from({ length: count }, () => strategy)
  const soon = inTurn([...some(5, uniform), crowds, ...some(7, uniform), crowds, uniform, sampling])
  const late = inTurn([...some(7, sampling), uniform, ...some(7, sampling), crowds])
  return unrepeated(profiled(oneAfterAnother(soon, longAfter, late, 'portfolio'), profile))
}
