import type { SimEvent } from '../../../../harness/sim/core/event.ts'
import { simulateNow } from '../../../../harness/sim/simulate.ts'
import type { Strategy } from '../../../../harness/sim/strategy/strategy.ts'
import { play, type Step } from './program.ts'

/** How many schedules are run in search of one order with one seed. */
const schedulesAtMost = 1500
/** With how many seeds: callbacks take other times in each. */
const seedsAtMost = 600

/** The first seed with which the simulation can produce an order; null when there is none among the first 600. */
export function seedThatReaches(program: readonly Step[], wanted: string): number | null {
  for (let seed = 0; seed < seedsAtMost; seed++) if (reaches(program, wanted, seed)) return seed
  return null
}

/**
 * Whether the simulation can produce an order with this seed. The search goes depth first through the choices of a
 * schedule; a choice after which the order is no beginning of the wanted one is not followed any further. Call it from a
 * macrotask.
 */
export function reaches(program: readonly Step[], wanted: string, seed: number): boolean {
  let choices: number[] = []
  for (let schedule = 0; schedule < schedulesAtMost; schedule++) {
    const search = new Search(choices, wanted)
    const { value } = simulateNow(() => search.play(program), { seed, strategy: search, cpuMs: seed % 5, trace: false })
    if (value === wanted) return true
    const next = search.next()
    if (next === null) return false
    choices = next
  }
  return false
}

/** One schedule of the search: follows the choices that were made before, then always the first that is left. */
class Search implements Strategy {
  readonly name = 'oracle'
  readonly #given: readonly number[]
  readonly #wanted: string
  readonly #taken: number[] = []
  readonly #widths: number[] = []
  #order = ''
  /** The step after which the order went wrong. */
  #wrongAt = Number.POSITIVE_INFINITY

  constructor(given: readonly number[], wanted: string) {
    this.#given = given
    this.#wanted = `${wanted} `
  }

  async play(program: readonly Step[]): Promise<string> {
    return play(program, (mark) => {
      this.#order += `${mark} `
    })
  }

  pick(enabled: readonly SimEvent[], step: number): SimEvent {
    if (this.#wrongAt === Number.POSITIVE_INFINITY && !this.#wanted.startsWith(this.#order)) this.#wrongAt = step
    const choice = this.#given[step] ?? 0
    this.#taken.push(choice)
    this.#widths.push(enabled.length)
    return enabled[Math.min(choice, enabled.length - 1)] as SimEvent
  }

  /** The choices to try next; null when all were. */
  next(): number[] | null {
    const last = Math.min(this.#taken.length, this.#wrongAt) - 1
    for (let step = last; step >= 0; step--) {
      const choice = this.#taken[step] as number
      if (choice + 1 < (this.#widths[step] as number)) return [...this.#taken.slice(0, step), choice + 1]
    }
    return null
  }
}
