import type { Hold } from '../../sim/strategy/holds.ts'
import type { Variant } from '../subject.ts'
import type { Attempt, Attempts } from './attempt.ts'
import { ddmin } from './ddmin.ts'

/** Few holds under which a schedule still fails, each as short as it can be. `found` fails under its own. */
export function shrinkHolds(attempts: Attempts, found: Attempt): Attempt {
  const search = new HoldSearch(attempts, found)
  search.fewer()
  search.shorter()
  search.fewer()
  return search.best
}

class HoldSearch {
  best: Attempt
  readonly #attempts: Attempts
  readonly #variant: Variant

  constructor(attempts: Attempts, found: Attempt) {
    this.#attempts = attempts
    this.#variant = found.variant
    this.best = found
  }

  fewer(): void {
    ddmin(this.best.holds, (kept) => this.#try(kept))
  }

  /** Ends each hold as early as it may, by bisection over the events that happened meanwhile. */
  shorter(): void {
    for (let place = 0; place < this.best.holds.length; place++) this.#shorten(place)
  }

  #shorten(place: number): void {
    const { choices } = this.best.result
    const hold = this.best.holds[place] as Hold
    let late = choices.indexOf(hold.until)
    let early = 0
    while (late >= 0 && early < late) {
      const middle = (early + late) >> 1
      const until = choices[middle] as string
      const holds = this.best.holds.map((other, at) => (at === place ? { event: hold.event, until } : other))
      if (until !== hold.event && this.#try(holds)) late = middle
      else early = middle + 1
    }
  }

  #try(holds: readonly Hold[]): boolean {
    const attempt = this.#attempts.failing(this.#variant, holds)
    if (attempt === null) return false
    this.best = attempt
    return true
  }
}
