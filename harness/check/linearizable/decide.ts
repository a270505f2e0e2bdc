import type { Model, Operation } from '../../model.ts'
import type { Verdict } from '../verdict.ts'
import { type Part, partsOf } from './partition.ts'
import { type Budget, defaultBudget, type Reductions } from './reductions.ts'
import { type DeadEnd, type SearchResult, search } from './search.ts'

export interface DecideOptions {
  reductions?: Readonly<Reductions>
  budget?: Readonly<Budget>
  /** False: always search, also where the model has a monitor. */
  monitors?: boolean
}

/** The part that is not linearizable, and what the one that found out knows of it. */
export interface Failure {
  part: Part
  /** The history becomes impossible with an event not before this position … */
  from: number
  /** … and not after this one. */
  to: number
  by: { kind: 'search'; deadEnd: DeadEnd } | { kind: 'monitor'; reason: string; witness: readonly Operation[] }
}

export interface Decision {
  verdict: Verdict
  /** What decided it, and how long that takes. */
  checker: string
  complexity: string
  failure: Failure | null
  /** Why the verdict is `unknown`. */
  reason: string | null
}

const searchName = 'WGL search'
/** A first look at every part, before any of them gets more. */
const firstLook = 500
const growth = 8

/** Decides whether the calls are linearizable: parts by their monitor where it can, else by the search. */
export function decide(model: Model, operations: Operation[], options: DecideOptions = {}): Decision {
  return new Decider(model, partsOf(model, operations), options).decide()
}

class Decider {
  readonly #model: Model
  readonly #parts: readonly Part[]
  readonly #options: DecideOptions
  readonly #budget: Readonly<Budget>
  #monitored = 0
  /** Why the first part that the monitor could not judge had to be searched. */
  #unsuited: string | null = null
  #steps = 0

  constructor(model: Model, parts: readonly Part[], options: DecideOptions) {
    this.#model = model
    this.#parts = parts
    this.#options = options
    this.#budget = options.budget ?? defaultBudget
  }

  decide(): Decision {
    const toSearch: Part[] = []
    for (const part of this.#parts) {
      const failure = this.#monitor(part, toSearch)
      if (failure !== null) return this.#decided('invalid', failure)
    }
    return this.#searchAll(toSearch)
  }

  /** Lets the monitor judge the part; puts it on the list when it cannot. */
  #monitor(part: Part, toSearch: Part[]): Failure | null {
    const { monitor } = this.#model
    const answer = this.#options.monitors === false ? undefined : monitor?.judge(part.operations)
    if (answer?.verdict === 'invalid') {
      const { reason, witness, alone, end } = answer
      const last = witness.reduce((latest, call) => Math.max(latest, call.known ? call.end : call.start), 0)
      const to = end ?? (alone ? last : settled(part.operations, last))
      return { part, from: end ?? 0, to, by: { kind: 'monitor', reason, witness } }
    }
    if (answer?.verdict === 'valid') this.#monitored++
    else toSearch.push(part)
    if (answer?.verdict === 'unsuited') this.#unsuited ??= answer.reason
    return null
  }

  /**
   * Every part gets a small budget first and those that are left over a larger one, so that an impossible part is found
   * before a hard one is finished.
   */
  #searchAll(parts: readonly Part[]): Decision {
    let left = parts
    let gaveUp: Decision | null = null
    for (let steps = parts.length > 1 ? firstLook : this.#budget.steps; left.length > 0; steps *= growth) {
      const later: Part[] = []
      for (const part of left) {
        const result = this.#search(part, steps)
        if (result.verdict === 'invalid') return this.#impossible(part, result.deadEnd)
        if (result.verdict === 'valid') continue
        if (this.#steps >= this.#budget.steps) return this.#gaveUp(part, 'steps')
        if (result.exceeded === 'memoryMiB') gaveUp ??= this.#gaveUp(part, 'memoryMiB')
        else later.push(part)
      }
      left = later
    }
    return gaveUp ?? this.#decided('valid', null)
  }

  #search(part: Part, steps: number): SearchResult {
    const budget = { ...this.#budget, steps: Math.min(steps, this.#budget.steps - this.#steps) }
    const result = search(this.#model, part.operations, { ...this.#options, budget })
    this.#steps += result.steps
    return result
  }

  #impossible(part: Part, deadEnd: DeadEnd): Decision {
    const from = deadEnd.operation.end
    return this.#decided('invalid', { part, from, to: settled(part.operations, from), by: { kind: 'search', deadEnd } })
  }

  #gaveUp({ key }: Part, exceeded: keyof Budget): Decision {
    const spent = exceeded === 'steps' ? `${this.#budget.steps} steps` : `${this.#budget.memoryMiB} MiB of memory`
    const where = key === null ? '' : ` of key ${key}`
    const reason =
      `the search${where} used up its budget of ${spent} and found neither an order nor a contradiction; ` +
      'give it a larger budget, or record what makes histories easy (unique values, versions, fewer clients on one key)'
    return { ...this.#decided('unknown', null), reason }
  }

  #decided(verdict: Verdict, failure: Failure | null): Decision {
    return { verdict, failure, reason: null, ...this.#means(failure) }
  }

  /** Names what decided: all that took part, or for a failure what found it. */
  #means(failure: Failure | null): Pick<Decision, 'checker' | 'complexity'> {
    const { monitor } = this.#model
    const search = { checker: this.#searchText(), complexity: this.#searchComplexity() }
    if (failure?.by.kind === 'search' || monitor === undefined || (failure === null && this.#monitored === 0))
      return search
    const watched = { checker: monitor.name, complexity: monitor.complexity }
    if (failure !== null || this.#monitored === this.#parts.length) return watched
    return {
      checker: `${watched.checker} on ${this.#monitored} of ${this.#parts.length} keys, else ${search.checker}`,
      complexity: `${watched.complexity}; ${search.complexity}`,
    }
  }

  #searchText(): string {
    const { monitor } = this.#model
    if (monitor === undefined || this.#unsuited === null) return searchName
    return `${searchName} (the ${monitor.name} does not fit: ${this.#unsuited})`
  }

  #searchComplexity(): string {
    return `exponential in the calls open at once at worst; it took ${this.#steps} steps`
  }
}

/** When all calls that had begun by a position have answered, those that ever do: what was found there holds by then. */
function settled(operations: readonly Operation[], position: number): number {
  return operations.reduce(
    (last, { start, end, known }) => (known && start < position ? Math.max(last, end) : last),
    position,
  )
}
