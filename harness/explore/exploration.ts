import { createHash, hash } from 'node:crypto'
import { mergeVerdicts, type Verdict } from '../check/verdict.ts'
import type { ScheduleRun } from './schedule-plan.ts'
import type { Judged } from './subject.ts'

/** What is kept of every schedule, small enough to be sent between threads. */
export interface Outcome {
  index: number
  seed: number
  strategy: string
  /** Of the trace and every byte on the wire. */
  hash: string
  /** Of the order of events alone, whatever they carried. */
  order: string
  verdict: Verdict
  calls: number
  /** Whether it was run twice, and went the same way. */
  repeated: boolean
  /** In full, for a schedule that was not valid, and for the first one. */
  told: ToldSchedule | null
}

/** A schedule that is worth telling of. */
export interface ToldSchedule {
  choices: readonly string[]
  judged: Judged
}

export function outcomeOf({ index, seed, strategy, result, judged }: ScheduleRun, repeated: boolean): Outcome {
  const calls = judged.history.filter(({ type }) => type === 'invoke').length
  const told = judged.verdict === 'valid' && index > 0 ? null : { choices: result.choices, judged }
  const order = hash('sha256', result.choices.join('\n'), 'base64')
  return { index, seed, strategy, hash: result.hash, order, verdict: judged.verdict, calls, repeated, told }
}

/** What an exploration found. */
export interface Exploration {
  verdict: Verdict
  /** How many schedules count: all up to the one that was wrong, or all. */
  schedules: number
  /** How many of them were invalid, and of how many nobody can know. */
  invalid: number
  unknown: number
  /** How many different orders of events were among them. */
  distinct: number
  /** New schedules have stopped coming: none of the latest was new. */
  saturated: boolean
  /** All orders there are were run. */
  exhausted: boolean
  /** It was ended from outside before all schedules were run that were asked for: at best its verdict is `unknown`. */
  interrupted: boolean
  /** Over all schedules in their order; equal for equal seeds, whoever ran them. */
  traceHash: string
  calls: number
  /** How many schedules were run twice and compared. */
  repeated: number
  /** The first schedule that was invalid, else the first that was unknown; null when all were valid. */
  told: Outcome | null
  /** What the checks saw in the first schedule, which is the natural one; null when it was not run. */
  natural: Judged | null
  /** What else is to be known, as that it was interrupted, or not all orders were run though this was asked for; or null. */
  note: string | null
}

/** How an exploration came to its end. */
export interface ExplorationEnd {
  /** Whether what was run is all there is; null where nobody has tried to run all. */
  exhausted?: boolean | null
  interrupted?: boolean
}

function cutOff(schedules: number): string {
  return `It was interrupted after ${schedules} schedules: what others would have shown is not known.`
}

function notAll(orders: number): string {
  return `Not all orders were checked: after ${orders} a bound was reached. Allow more schedules, or make the case smaller, with fewer processes, messages and timers.`
}

/** So many schedules without a new one, and at least this share of all, mean that new ones have stopped coming. */
const barrenAtLeast = 50
const barrenShare = 0.2

/**
 * Puts the outcomes of schedules together, in whatever order they come: what counts are those up to the first invalid
 * one, so that the result is the same for any number of workers.
 */
export class Merger {
  readonly #outcomes = new Map<number, Outcome>()
  /** The lowest index that was invalid. */
  #cutAt = Number.POSITIVE_INFINITY
  readonly #stopsAtFirst: boolean

  constructor({ stopsAtFirst }: { stopsAtFirst: boolean }) {
    this.#stopsAtFirst = stopsAtFirst
  }

  /** How many schedules were run, those included that will not count. */
  get size(): number {
    return this.#outcomes.size
  }

  /** Schedules from this index on need not be run. */
  get cutAt(): number {
    return this.#cutAt
  }

  add(outcome: Outcome): void {
    this.#outcomes.set(outcome.index, outcome)
    if (this.#stopsAtFirst && outcome.verdict === 'invalid') this.#cutAt = Math.min(this.#cutAt, outcome.index)
  }

  /** What has been found. */
  merged({ exhausted = null, interrupted = false }: ExplorationEnd = {}): Exploration {
    const counted = [...this.#outcomes.values()]
      .filter(({ index }) => index <= this.#cutAt)
      .sort((one, other) => one.index - other.index)
    const hash = createHash('sha256')
    const novelty = new Novelty()
    for (const outcome of counted) {
      hash.update(outcome.hash)
      novelty.see(outcome.order)
    }
    const verdicts = counted.map(({ verdict }) => verdict)
    return {
      verdict: mergeVerdicts(interrupted ? [...verdicts, 'unknown'] : verdicts),
      schedules: counted.length,
      invalid: verdicts.filter((verdict) => verdict === 'invalid').length,
      unknown: verdicts.filter((verdict) => verdict === 'unknown').length,
      distinct: novelty.distinct,
      saturated: novelty.hasEnded,
      exhausted: exhausted ?? false,
      interrupted,
      traceHash: hash.digest('hex'),
      calls: counted.reduce((sum, { calls }) => sum + calls, 0),
      repeated: counted.filter(({ repeated }) => repeated).length,
      told: firstOf(counted, 'invalid') ?? firstOf(counted, 'unknown') ?? null,
      natural: this.#outcomes.get(0)?.told?.judged ?? null,
      note: this.#noteOn(counted.length, { exhausted, interrupted }),
    }
  }

  #noteOn(schedules: number, { exhausted, interrupted }: Required<ExplorationEnd>): string | null {
    if (interrupted) return cutOff(schedules)
    return exhausted === false && this.#cutAt === Number.POSITIVE_INFINITY ? notAll(schedules) : null
  }
}

/** Notices when schedules only repeat each other. */
class Novelty {
  readonly #seen = new Set<string>()
  #count = 0
  #lastNewAt = 0

  see(hash: string): void {
    this.#count++
    if (this.#seen.has(hash)) return
    this.#seen.add(hash)
    this.#lastNewAt = this.#count
  }

  get distinct(): number {
    return this.#seen.size
  }

  get hasEnded(): boolean {
    const barren = this.#count - this.#lastNewAt
    return barren >= Math.max(barrenAtLeast, barrenShare * this.#count)
  }
}

function firstOf(outcomes: readonly Outcome[], verdict: Verdict): Outcome | undefined {
  return outcomes.find((outcome) => outcome.verdict === verdict)
}
