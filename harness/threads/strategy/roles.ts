import { Random } from '../../random.ts'
import type { Access, Operation } from '../operation.ts'
import { Profile, profiled } from './profile.ts'
import type { Strategy } from './strategy.ts'

/** How often the priority of what has just run is drawn anew, so that loops do not always take the same turns. */
const redrawn = 1 / 8

/**
 * Role priorities: threads that did the same in earlier schedules share a role, and all operations of a role at one
 * location, reads and writes apart, share one random priority. Now and then that of the operation that has just run is
 * drawn anew. Among equals the thread with the higher random number goes first.
 *
 * A strategy of our own, for crowds: with a hundred writers and one reader, "the reader goes between the first write
 * here and the first write there" is a matter of three priorities instead of a race against a hundred threads. Without a
 * profile, as in the first schedule, each thread has a role of its own.
 */
export function roles(seed: number): Strategy {
  const profile = new Profile()
  return profiled(rolesBy(profile, seed), profile)
}

/** The same by a profile that others fill. */
export function rolesBy(profile: Profile, seed: number): Strategy {
  const random = new Random(`${seed}/threads/roles`)
  let roleOf: readonly number[] = []
  let threads: number[] = []
  let ranks = new Map<number, number[]>()

  /** The priority of what an operation is, which is the same for the whole role. */
  function rankOf(operation: Operation): number {
    const { from } = firstAccess(operation)
    const known = ranks.get(from) ?? []
    ranks.set(from, known)
    const at = deedOf(operation)
    known[at] ??= random.real()
    return known[at]
  }

  /** A number for what a role does at a location: reading or writing. */
  function deedOf(operation: Operation): number {
    const { thread } = operation
    return 2 * (roleOf[thread] ?? thread) + Number(firstAccess(operation).writes)
  }

  function highest(enabled: readonly Operation[]): Operation {
    let best = enabled[0] as Operation
    let bestRank = -1
    for (const operation of enabled) {
      const rank = rankOf(operation)
      threads[operation.thread] ??= random.real()
      if (rank < bestRank || (rank === bestRank && threads[operation.thread]! < threads[best.thread]!)) continue
      best = operation
      bestRank = rank
    }
    return best
  }

  return {
    name: 'roles',
    begin() {
      roleOf = rolesOf(profile)
      threads = []
      ranks = new Map()
    },
    pick(enabled) {
      const chosen = highest(enabled)
      if (random.chance(redrawn)) ranks.get(firstAccess(chosen).from)![deedOf(chosen)] = random.real()
      return chosen
    },
    end: () => true,
  }
}

/** Operations that touch nothing, such as a turn of an event loop, all lie at one place. */
const nowhere: Access = { from: Number.NEGATIVE_INFINITY, to: Number.NEGATIVE_INFINITY, writes: false }

function firstAccess({ accesses }: Operation): Access {
  return accesses[0] ?? nowhere
}

/** A number for each thread, the same for threads that touched the same locations as often. */
function rolesOf({ events, locations }: Profile): number[] {
  const deeds = events.map((_, thread) => [...locations].map(([, counts]) => counts[thread] ?? 0).join())
  return deeds.map((deed) => deeds.indexOf(deed))
}
