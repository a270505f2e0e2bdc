import { Random } from '../../random.ts'
import type { Operation } from '../operation.ts'
import type { Strategy } from './strategy.ts'

/** After so many times the longest schedule so far, threads are picked at random, so that none waits for ever. */
const fairAfter = 2

/** No schedule is cut short by fairness before this many steps. */
const fairNeverBefore = 1_000

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs", ASPLOS 2010): the thread with the highest of random priorities runs, and at
 * `depth - 1` random steps it falls below all others. Finds a bug of that depth among n threads and k steps with a
 * probability of at least 1 / (n k^(depth - 1)) per schedule.
 *
 * Departures: k is learned, the most decisions of any schedule so far; a step with one thread to choose from is no
 * decision. There are fewer change points than decisions, since otherwise this is a round robin. A schedule that goes on
 * for too long becomes a random walk.
 */
export function priorityChanges(seed: number, depth = 3): Strategy {
  const random = new Random(`${seed}/threads/pct${depth}`)
  let decisionsMax = 1
  let decisions = 0
  let lowest = 0
  let points = new Set<number>()
  let priorities: number[] = []

  const highest = (operations: readonly Operation[]) =>
    operations.reduce((best, other) => (priorities[other.thread]! > priorities[best.thread]! ? other : best))

  return {
    name: `pct${depth}`,
    begin() {
      decisions = 0
      lowest = 0
      priorities = []
      points = changePoints(random, Math.min(depth - 1, decisionsMax - 1), decisionsMax)
    },
    pick(enabled) {
      if (enabled.length === 1) return enabled[0] as Operation
      decisions++
      if (decisions > Math.max(fairNeverBefore, fairAfter * decisionsMax)) return random.pick(enabled)
      for (const { thread } of enabled) priorities[thread] ??= 1 + random.real()
      if (points.has(decisions)) priorities[highest(enabled).thread] = --lowest
      return highest(enabled)
    },
    end() {
      decisionsMax = Math.max(decisionsMax, Math.min(decisions, fairNeverBefore))
      return true
    },
  }
}

/** Some of the decisions from 1 to a last one, all different. */
function changePoints(random: Random, count: number, last: number): Set<number> {
  const points = new Set<number>()
  while (points.size < count) points.add(random.integer(1, last))
  return points
}
