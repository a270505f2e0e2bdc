import { Random } from '../../random.ts'
import { Profile, profiled } from './profile.ts'
import type { Strategy } from './strategy.ts'
import { weighted } from './weighted.ts'

/**
 * Uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, "Selectively uniform concurrency testing", ASPLOS 2025): a
 * thread is as likely as the number of events it has left, which makes every interleaving equally likely when the
 * counts are right and nothing blocks.
 *
 * Departures: the first schedule, an ordinary random walk, is the profile run; every later one adds to the profile. A
 * thread that has more events than were counted is taken to have one left.
 */
export function uniformRandomWalk(seed: number): Strategy {
  const profile = new Profile()
  return profiled(uniformRandomWalkBy(profile, seed), profile)
}

/** The same by a profile that others fill. */
export function uniformRandomWalkBy(profile: Profile, seed: number): Strategy {
  const random = new Random(`${seed}/threads/urw`)
  let left: number[] = []
  return {
    name: 'urw',
    begin() {
      left = [...profile.events]
    },
    pick(enabled) {
      const chosen = weighted(random, enabled, ({ thread }) => Math.max(1, left[thread] ?? 1))
      left[chosen.thread] = (left[chosen.thread] ?? 1) - 1
      return chosen
    },
    end: () => true,
  }
}
