import { Random } from '../../random.ts'
import type { Operation } from '../operation.ts'
import { Priorities } from './priorities.ts'
import { Profile, profiled } from './profile.ts'
import type { Strategy } from './strategy.ts'
import { weighted } from './weighted.ts'

/**
 * Selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, "Selectively uniform concurrency testing", ASPLOS
 * 2025): every schedule selects one shared location and makes all interleavings of the events there equally likely; the
 * other events follow random priorities.
 *
 * Departures: the first schedule is the profile run and every later one adds to the profile. Shared locations are equally
 * likely, where the authors' tool draws them by their number of accesses: a lock would hide the data that it guards. All
 * threads exist from the start, so no events pass from a parent to its children.
 */
export function selectivelyUniform(seed: number): Strategy {
  const profile = new Profile()
  return profiled(selectivelyUniformBy(profile, seed), profile)
}

/** The same by a profile that others fill. */
export function selectivelyUniformBy(profile: Profile, seed: number): Strategy {
  const random = new Random(`${seed}/threads/surw`)
  const priorities = new Priorities(random)
  let selected: number | null = null
  let left: number[] = []
  /** The thread that has the next selected event. */
  let next: number | null = null

  const isSelected = ({ accesses }: Operation) => accesses.some(({ from }) => from === selected)

  /** The thread that shall have the next selected event: each as likely as the number of them that it has left. */
  function draw(operations: readonly Operation[]): number {
    const weight = (operation: Operation) => Math.max(isSelected(operation) ? 1 : 0, left[operation.thread] ?? 0)
    return weighted(random, operations, weight).thread
  }

  function choose(enabled: readonly Operation[]): Operation {
    if (next === null) {
      const first = priorities.highest(enabled)
      if (!isSelected(first)) return first
      next = draw(enabled)
    }
    const open = enabled.filter((operation) => operation.thread === next || !isSelected(operation))
    if (open.length > 0) return priorities.highest(open)
    // The thread that was drawn cannot go on before one of these.
    next = draw(enabled)
    return enabled.find(({ thread }) => thread === next) as Operation
  }

  return {
    name: 'surw',
    begin() {
      const shared = profile.shared()
      selected = shared.length > 0 ? random.pick(shared) : null
      left = [...(profile.locations.get(selected ?? Number.NaN) ?? [])]
      priorities.clear()
      next = null
    },
    pick(enabled) {
      const chosen = choose(enabled)
      if (isSelected(chosen)) {
        left[chosen.thread] = Math.max(1, left[chosen.thread] ?? 0) - 1
        next = null
      }
      priorities.redraw(chosen.thread)
      return chosen
    },
    end: () => true,
  }
}
