import { deviationsOf } from '../../sim/strategy/deviations.ts'
import type { Hold } from '../../sim/strategy/holds.ts'
import { strategiesNamed } from '../../sim/strategy/strategies.ts'
import { SchedulePlan } from '../schedule-plan.ts'
import type { Judged, Subject, Variant } from '../subject.ts'
import { type Attempt, Attempts } from './attempt.ts'
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

/** How many schedules shrinking may run: a second of processor time for a server with a few clients. */
const runsAtMost = 400
/** How many orders are tried with fewer clients. */
const ordersAtMost = 40

/**
 * Makes a failing schedule small: as natural order and holds, then without faults, drawn operations and clients that it
 * does not need, and its holds once more. The failure stays the same: one of the checks that found it finds something.
 *
 * Null when the schedule cannot be repeated. Call it from a macrotask, see `simulateNow`. Deterministic.
 */
export function shrink(subject: Subject, found: FoundFailure): SmallFailure | null {
  const checks = found.judged.findings.map(({ check }) => check)
  const attempts = new Attempts(subject, checks, runsAtMost)
  const first = asHolds(attempts, found)
  if (first === null) return null
  const small = new Shrinking(subject, attempts, shrinkHolds(attempts, first)).run()
  return { ...small, runs: runsAtMost - attempts.left }
}

/** The natural order may fail as well, and then no hold is needed; else the schedule's deviations from it are held. */
function asHolds(attempts: Attempts, { variant, choices }: FoundFailure): Attempt | null {
  const deviations = deviationsOf(choices)
  const repeated = attempts.failingIn(variant, deviations, [])
  if (repeated === null) return null
  return attempts.failing(variant, deviations.holds)
}

class Shrinking {
  readonly #subject: Subject
  readonly #attempts: Attempts
  #best: Attempt

  constructor(subject: Subject, attempts: Attempts, found: Attempt) {
    this.#subject = subject
    this.#attempts = attempts
    this.#best = found
  }

  run(): Attempt {
    this.#withoutFaults()
    this.#withoutCalls()
    this.#withFewerClients()
    if (this.#best.holds.length > 0) this.#best = shrinkHolds(this.#attempts, this.#best)
    return this.#best
  }

  #withoutFaults(): void {
    const { faults } = this.#best.judged
    ddmin(faults, (kept) => this.#try({ withoutFaults: faults.filter((fault) => !kept.includes(fault)) }))
  }

  #withoutCalls(): void {
    const { calls } = this.#best.judged
    ddmin(calls, (kept) => this.#try({ withoutCalls: calls.filter((call) => !kept.includes(call)) }))
  }

  /** Tries one client, two, …: other clients mean other events, so that the order has to be looked for again. */
  #withFewerClients(): void {
    const { clients } = this.#best.judged
    for (let fewer = 1; fewer < clients; fewer++) if (this.#failsWith(fewer)) return
  }

  #failsWith(clients: number): boolean {
    if (this.#try({ clients })) return true
    const { seed, ...rest } = this.#best.variant
    const strategies = strategiesNamed('portfolio') ?? []
    const plan = new SchedulePlan(this.#subject, { seed, strategies, variant: { ...rest, clients } })
    for (let index = 0; index < ordersAtMost && this.#attempts.left > 0; index++) {
      this.#attempts.left--
      const run = plan.run(index)
      const variant = { ...rest, clients, seed: run.seed }
      const small = this.#asSmall({ variant, choices: run.result.choices, judged: run.judged })
      if (small === null) continue
      this.#best = small
      return true
    }
    return false
  }

  #asSmall(found: FoundFailure): Attempt | null {
    if (found.judged.verdict !== 'invalid') return null
    const first = asHolds(this.#attempts, found)
    return first && shrinkHolds(this.#attempts, first)
  }

  #try(change: Omit<Variant, 'seed'>): boolean {
    const holds: readonly Hold[] = this.#best.holds
    const attempt = this.#attempts.failing({ ...this.#best.variant, ...change }, holds)
    if (attempt === null) return false
    this.#best = attempt
    return true
  }
}
