import { HarnessError } from '../../errors.ts'
import { deviationsOf } from '../../sim/strategy/deviations.ts'
import { strategiesNamed } from '../../sim/strategy/strategies.ts'
import { SchedulePlan } from '../schedule-plan.ts'
import type { Judged, Subject, Variant } from '../subject.ts'
import { type Attempt, Attempts, type AttemptsOptions, type Budget } from './attempt.ts'
import { bounded, longestFor } from './bounded.ts'
import { ddmin } from './ddmin.ts'
import { shrinkHolds } from './shrink-holds.ts'

/** A schedule that failed, as it was found. */
export interface FoundFailure {
  variant: Variant
  choices: readonly string[]
  judged: Judged
}

/** The same failure, as small as it could be made. */
export interface SmallFailure extends Attempt {
  /** How many schedules were run to make it so. */
  runs: number
}

/** About a second of processor time, whether schedules are long or short. */
const usualBudget: Budget = { schedules: 400, steps: 25_000 }

const portfolio = strategiesNamed('portfolio') ?? []
/** Orders with few events out of their turn, in search of one that needs few holds. */
const otherOrders = ['delay:1', 'delay:2', 'delay:3'].flatMap((name) => strategiesNamed(name) ?? [])

/** How many orders are tried with fewer clients; what was found fast is found fast with fewer, too. */
const ordersAtMost = 4
/** What share of the budget may be spent on looking for fewer clients. */
const clientsShare = 0.4
/** With more holds than these a reader is lost, so that as many times the budget may be spent on getting rid of them. */
const holdsAtMost = 3
const budgetsAtMost = 8

/**
 * Makes a failing schedule small: first fewer clients, since what is left is then cheaper to run; then the natural order and
 * as few holds as it needs, or as another order needs that fails in the same way; then without faults and drawn operations
 * that it does not need, and its holds once more. A schedule may fail in several ways: the first of its findings is the one
 * that must stay, and it is the first again of what comes out.
 *
 * The calls of a script stay, as each may need what one before it gave, and a script without one of them would be another
 * scenario. What is left out are operations that a `workload` draws, and those that a script asks `takesPart` for.
 *
 * Null when the schedule does not come back from its holds. Call it from a macrotask, see `simulateNow`. Deterministic.
 */
export function shrink(subject: Subject, found: FoundFailure, options: AttemptsOptions = {}): SmallFailure | null {
  const [failure] = found.judged.findings
  if (failure === undefined) return null
  const brief = bounded(subject, longestFor(found.choices.length))
  const attempts = new Attempts(brief, failure, { budget: usualBudget, ...options })
  const small = new Shrinking(brief, attempts, found).run()
  return small && { ...small, runs: attempts.runs }
}

/** Orders of a variant, each with data of its own. */
interface OtherOrders {
  plan: SchedulePlan
  variant: Omit<Variant, 'seed'>
}

class Shrinking {
  readonly #subject: Subject
  readonly #attempts: Attempts
  readonly #found: FoundFailure

  constructor(subject: Subject, attempts: Attempts, found: FoundFailure) {
    this.#subject = subject
    this.#attempts = attempts
    this.#found = found
  }

  run(): Attempt | null {
    const first = this.#withFewerClients() ?? this.#asHolds(this.#found)
    if (first === null) return null
    const held = this.#withFewHolds(first)
    const fewer = this.#without(held, 'withoutFaults', held.judged.faults)
    const least = this.#without(fewer, 'withoutCalls', fewer.judged.calls)
    // Where nothing could be left out, nothing has changed for the holds.
    const best = least === held ? held : shrinkHolds(this.#attempts, least)
    return this.#attempts.run(best.variant, best.holds)
  }

  /** The natural order may fail as well, and then no hold is needed; else the schedule's deviations from it are held. */
  #asHolds({ variant, choices }: FoundFailure): Attempt | null {
    const natural = this.#attempts.repeated(variant, [])
    if (natural !== null) return natural
    const deviations = deviationsOf(choices)
    // The other runs of the schedule are found by their holds; this one only tells what they are.
    if (!this.#attempts.fails(variant, deviations)) return null
    return this.#attempts.repeated(variant, deviations.holds)
  }

  /** Holds that are all needed may be many, where another order needs one. */
  #withFewHolds(first: Attempt): Attempt {
    let best = shrinkHolds(this.#attempts, first)
    if (best.holds.length <= holdsAtMost) return best
    this.#attempts.extend(budgetsAtMost)
    best = shrinkHolds(this.#attempts, best)
    const others = this.#planFor(best.variant, otherOrders)
    for (let index = 1; best.holds.length > holdsAtMost && !this.#attempts.isSpent; index++) {
      const other = this.#inOrderOf(others, index)
      const small = other && shrinkHolds(this.#attempts, other)
      if (small !== null && small.holds.length < best.holds.length) best = small
    }
    return best
  }

  /** Other clients mean other events, so that the order has to be looked for again. */
  #withFewerClients(): Attempt | null {
    const { clients: all, findings } = this.#found.judged
    for (const clients of fewerThan(all, findings[0]?.clients.length)) {
      const failing = this.#withClients(clients)
      if (failing !== null) return failing
    }
    return null
  }

  #withClients(clients: number): Attempt | null {
    try {
      return this.#failingWith(clients)
    } catch (thrown) {
      // A script that cannot do with so few says so by an error of its own.
      if (thrown instanceof HarnessError && thrown.code === 'ERR_SCENARIO_INVALID') return null
      throw thrown
    }
  }

  #failingWith(clients: number): Attempt | null {
    const variant = { ...this.#found.variant, clients }
    const asFound = this.#attempts.failing(variant, [])
    if (asFound !== null) return asFound
    const plan = this.#planFor(variant)
    for (let index = 0; index < ordersAtMost && this.#attempts.spentShare < clientsShare; index++) {
      const failing = this.#inOrderOf(plan, index)
      if (failing !== null) return failing
    }
    return null
  }

  #planFor({ seed, ...variant }: Variant, strategies = portfolio): OtherOrders {
    return { plan: new SchedulePlan(this.#subject, { seed, strategies, variant }), variant }
  }

  /** One of the orders of a plan, with the data that belongs to it; null when it does not fail in the same way. */
  #inOrderOf({ plan, variant }: OtherOrders, index: number): Attempt | null {
    const run = this.#attempts.unlessStuck(() => this.#attempts.counted(() => plan.run(index)))
    if (run === null || !this.#attempts.isSame(run.judged)) return null
    const { seed, result, judged } = run
    return this.#asHolds({ variant: { ...variant, seed }, choices: result.choices, judged })
  }

  /** Without those faults or calls that the failure does not need. The holds stay, as far as their events still come. */
  #without(found: Attempt, key: 'withoutFaults' | 'withoutCalls', names: readonly string[]): Attempt {
    let best = found
    ddmin(names, (kept) => {
      const without = names.filter((name) => !kept.includes(name))
      const failing = this.#attempts.failing({ ...best.variant, [key]: without }, best.holds)
      if (failing === null) return null
      best = failing
      return kept
    })
    return best
  }
}

/**
 * One client, two, three, and then ever larger steps: a hundred clients are not left out one by one. What goes wrong between
 * two clients is not looked for with one.
 */
function* fewerThan(clients: number, among = 1): Generator<number> {
  const least = Math.max(1, Math.min(among, 2))
  for (let fewer = least; fewer < clients; fewer = fewer < 4 ? fewer + 1 : Math.ceil(fewer * 1.5)) yield fewer
}
