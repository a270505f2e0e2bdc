import type { WorldName } from '../../harness/worlds.ts'
import type { Mutant } from './mutants.ts'
import type { Looker } from './scheduled-look.ts'
import type { Extent, Surveyed } from './survey.ts'

/** What noticed a mutation: a scenario, and the checks that failed in it, or how else its run went wrong. */
export interface Notice {
  readonly scenario: string
  readonly world: WorldName
  readonly by: string
}

/** What became of a mutant. */
export interface Fate {
  /** Null when it survived. */
  readonly notice: Notice | null
  /** The scenarios that reach its place, and so could have noticed it: in the worlds whose schedule is controlled, and live. */
  readonly reachedBy: readonly string[]
  /** Where a check could not know any more, which a run says by its exit code, though nothing was found wrong. */
  readonly unjudged: readonly string[]
  /** Whether it was looked for live as well. */
  readonly live: boolean
}

/** Lets the scenarios look that reach a mutant's place, those first that are most likely to notice it and quick. */
export class Judge {
  readonly #surveyed: readonly Surveyed[]
  readonly #extent: Extent
  /** Of each scenario the files in which it noticed a mutant, the last one last. */
  readonly #noticed = new Map<string, string[]>()

  constructor(surveyed: readonly Surveyed[], extent: Extent) {
    this.#surveyed = surveyed
    this.#extent = extent
  }

  async judge(mutant: Mutant, looker: Looker): Promise<Fate> {
    const looking = this.#lookingFor(mutant)
    const reachedBy = [...new Set(looking.map(({ look }) => look.scenario))]
    const unjudged = new Set<string>()
    for (const { look, reaching } of looking) {
      const schedules = reaching.get(mutant.id) ?? []
      const seen = await looker.look({ ...look, seed: this.#extent.seed, schedules, mutant: mutant.id })
      if (seen.wrong !== null) {
        this.#note(look.scenario, mutant.file)
        const notice = { scenario: look.scenario, world: look.world, by: seen.wrong }
        return { notice, reachedBy, unjudged: [...unjudged], live: false }
      }
      if (seen.unjudged.length > 0) unjudged.add(look.scenario)
    }
    return { notice: null, reachedBy, unjudged: [...unjudged], live: false }
  }

  #lookingFor({ id, file }: Mutant): Surveyed[] {
    const reaching = this.#surveyed.filter((surveyed) => surveyed.reaching.has(id))
    const costMs = ({ reaching: by, cpuMs }: Surveyed) => (by.get(id)?.length ?? 0) * cpuMs
    const neighbour = ({ look }: Surveyed) => this.#noticed.get(look.scenario)?.lastIndexOf(file) ?? -1
    return reaching.sort((a, b) => neighbour(b) - neighbour(a) || costMs(a) - costMs(b))
  }

  #note(scenario: string, file: string): void {
    this.#noticed.set(scenario, [...(this.#noticed.get(scenario) ?? []), file])
  }
}
