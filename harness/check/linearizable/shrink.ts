import type { Model, Operation } from '../../model.ts'
import { DefaultMap } from '../default-map.ts'
import { identity } from './identity.ts'
import { keyIn, valueIn } from './models/inputs.ts'
import { search } from './search.ts'
import { pendingFrom } from './smallest-prefix.ts'

/** What shrinking may use, in calls looked at by all its searches together: a fraction of a second. */
const effort = 250_000
/** Larger histories are not worth the try. */
const callsAtMost = 20_000
const searchBudget = { steps: 20_000, memoryMiB: 64 }

/**
 * Finds few calls that contradict each other, among calls that do. Whole keys, then whole values and whole clients are
 * left out, then single calls: as many as the contradiction survives without (Zeller's delta debugging).
 *
 * A call that is left out is not forgotten, since others may depend on what it did: it becomes pending, so that it may
 * have happened at any time since it began, or never, whatever it answered. (One that cannot change anything is
 * forgotten.) What is left is thus a proof by itself: no effect of the other calls could explain it. Null for a history
 * that is too large.
 */
export function shrink(model: Model, operations: readonly Operation[]): Operation[] | null {
  if (operations.length > callsAtMost) return null
  return new Shrinking(model, operations).run()
}

type Grouping = (operation: Operation) => unknown

const groupings: readonly Grouping[] = [
  ({ input }) => keyIn(input),
  ({ input, output }) => identity(valueIn(input) ?? output),
  ({ client }) => client,
  (operation) => operation,
]

class Shrinking {
  readonly #model: Model
  readonly #operations: readonly Operation[]
  #spent = 0

  constructor(model: Model, operations: readonly Operation[]) {
    this.#model = model
    this.#operations = operations
  }

  run(): Operation[] {
    let kept = this.#operations.filter(({ known }) => known)
    for (const grouping of groupings) {
      const groups = new DefaultMap<unknown, Operation[]>(() => [])
      for (const operation of kept) groups.of(grouping(operation)).push(operation)
      kept = this.#fewest([...groups.values()]).flat()
    }
    return kept.sort((one, other) => one.start - other.start)
  }

  /** Leaves out groups, ever smaller runs of them, as long as what is left cannot be right. */
  #fewest(groups: Operation[][]): Operation[][] {
    let kept = groups
    for (let run = Math.ceil(kept.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
      for (let from = 0; from < kept.length && this.#spent < effort; ) {
        const without = [...kept.slice(0, from), ...kept.slice(from + run)]
        if (this.#contradict(without.flat())) kept = without
        else from += run
      }
    }
    return kept
  }

  #contradict(kept: readonly Operation[]): boolean {
    if (kept.length === 0) return false
    const keeping = new Set(kept)
    const calls = this.#operations.flatMap((operation) =>
      keeping.has(operation) ? operation : this.#loosened(operation),
    )
    const result = search(this.#model, calls, { budget: searchBudget })
    this.#spent += calls.length + result.steps
    return result.verdict === 'invalid'
  }

  #loosened(operation: Operation): Operation[] {
    return this.#model.readOnly?.(operation) === true ? [] : [pendingFrom(operation)]
  }
}
