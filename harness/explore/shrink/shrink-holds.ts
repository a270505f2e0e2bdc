import type { Hold } from '../../sim/strategy/holds.ts'
import type { Variant } from '../subject.ts'
import type { Attempt, Attempts } from './attempt.ts'
import { ddmin } from './ddmin.ts'

/** Few holds under which a schedule still fails, each as short as it can be. `found` fails under its own. */
export function shrinkHolds(attempts: Attempts, found: Attempt): Attempt {
  const search = new HoldSearch(attempts, found)
  search.fewer()
  search.longer()
  // One that lasts longer may have made others superfluous.
  search.fewer()
  search.shorter()
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
    ddmin<Hold>(this.best.holds, (kept) => (this.#try(kept) ? this.best.holds : null))
  }

  /**
   * One hold in the place of several. Of holds that are all needed, most only pass on what one of them has put out of its
   * order: that one alone does when it lasts until the last of them ends. First one for all of them, then one for each half,
   * and so on.
   */
  longer(): void {
    for (let size = this.best.holds.length; size > 1; size = Math.ceil(size / 2)) {
      let from = 0
      while (from + 1 < this.best.holds.length) if (!this.#isMerged(from, size)) from += size
    }
  }

  /** Whether one of so many holds does for all of them. */
  #isMerged(from: number, size: number): boolean {
    const { holds, result } = this.best
    const merged = holds.slice(from, from + size)
    const untils = merged.map(({ until }) => until)
    const last = result.choices.findLast((key) => untils.includes(key))
    if (last === undefined || merged.length < 2) return false
    return merged.some(
      ({ event }) =>
        event !== last && this.#try([...holds.slice(0, from), { event, until: last }, ...holds.slice(from + size)]),
    )
  }

  /** Ends each hold as early as it may. One that ends earlier may need fewer others, and those need not be made shorter. */
  shorter(): void {
    for (const { event, until } of this.best.holds) {
      this.#shorten(event)
      const { holds } = this.best
      const isShorter = holds.some((hold) => hold.event === event && hold.until !== until)
      if (isShorter && holds.length > 1) this.fewer()
    }
  }

  /** By bisection over the events that happened meanwhile. */
  #shorten(event: string): void {
    const { holds, result } = this.best
    const hold = holds.find((each) => each.event === event)
    if (hold === undefined) return
    const { choices } = result
    let late = choices.indexOf(hold.until)
    let early = hold.dueAtStep
    while (late >= 0 && early < late) {
      const middle = (early + late) >> 1
      const until = choices[middle] as string
      if (until !== event && this.#try(holds.map((each) => (each.event === event ? { event, until } : each))))
        late = middle
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
