import type { Look } from './looks.ts'
import type { Looker, Seen } from './scheduled-look.ts'

/** How much of a scenario is run. */
export interface Extent {
  readonly seed: number
  /** How many orders of events are tried in the simulated world; of threads, many more. */
  readonly schedules: number
}

/** A look, with what the correct code does in it. */
export interface Surveyed {
  readonly look: Look
  /** Of each mutant whose place is reached, the schedules that reach it. In all others it changes nothing. */
  readonly reaching: ReadonlyMap<number, readonly number[]>
  /** How much of a processor one schedule takes. */
  readonly cpuMs: number
}

/** How many schedules of threads, which are short, are run for one of the simulated world. */
const threadSchedules = 25

/** What the correct code does in a scenario. Throws when anything is noticed in it. */
export async function survey(looker: Looker, look: Look, { seed, schedules }: Extent): Promise<Surveyed> {
  const many = look.world === 'threads' ? threadSchedules * schedules : schedules
  const all = Array.from({ length: many }, (_, index) => index)
  const seen = await looker.look({ ...look, seed, schedules: all, mutant: null })
  if (seen.wrong !== null) {
    throw new Error(`expected silence on correct code, got ${seen.wrong} in ${look.scenario} (${look.world})`)
  }
  return { look, reaching: reachingOf(look, seen, all), cpuMs: seen.cpuMs / many }
}

function reachingOf({ world }: Look, { reached, unjudged }: Seen, all: readonly number[]): Map<number, number[]> {
  const reaching = new Map<number, number[]>()
  // What cannot be judged of correct code says nothing of any other.
  for (const { schedule, mutants } of reached.filter((one) => !unjudged.includes(one.schedule))) {
    for (const mutant of mutants) {
      const schedules = world === 'threads' ? [...all] : [...(reaching.get(mutant) ?? []), schedule]
      reaching.set(mutant, schedules)
    }
  }
  return reaching
}
