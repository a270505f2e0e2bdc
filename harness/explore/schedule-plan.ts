import { Random } from '../random.ts'
import { type SimResult, simulateNow } from '../sim/simulate.ts'
import { natural } from '../sim/strategy/natural.ts'
import { replayOf } from '../sim/strategy/replay.ts'
import type { Profile, Strategy, StrategyMaker } from '../sim/strategy/strategy.ts'
import type { Judged, Subject, Variant } from './subject.ts'

/** One schedule of an exploration, and what came of it. */
export interface ScheduleRun {
  /** Its place in the exploration, from 0. */
  index: number
  /** Feeds its data and its world. */
  seed: number
  /** The name of the strategy that picked its order. */
  strategy: string
  result: SimResult<unknown>
  judged: Judged
}

export interface SchedulePlanOptions {
  seed: number
  /** Played by turns. */
  strategies: readonly StrategyMaker[]
  variant?: Omit<Variant, 'seed'> | undefined
  /** Whether nobody asks for more than verdicts: without traces, hashes and stacks schedules run faster. False by default. */
  verdictsOnly?: boolean
}

/** Which seed and which strategy each schedule of an exploration has. It is the same plan in every worker. */
export class SchedulePlan {
  readonly #subject: Subject
  readonly #seed: number
  readonly #strategies: readonly StrategyMaker[]
  readonly #variant: Omit<Variant, 'seed'>
  readonly #kept: { trace: boolean; stacks: boolean }
  #profile: Profile | undefined

  /** The strategies are played by turns, after the natural order, which comes first. */
  constructor(subject: Subject, { seed, strategies, variant = {}, verdictsOnly = false }: SchedulePlanOptions) {
    this.#subject = subject
    this.#seed = seed
    this.#strategies = strategies
    this.#variant = variant
    this.#kept = { trace: !verdictsOnly, stacks: !verdictsOnly }
  }

  /** Runs a schedule. Call it from a macrotask, see {@link simulateNow}. Throws what the trial's judge throws. */
  run(index: number): ScheduleRun {
    if (index > 0) this.prepare()
    const seed = this.seedOf(index)
    return this.#play(index, seed, this.#strategyOf(index, seed))
  }

  /** Runs the schedule of an index in an order of which the events are known by their keys. */
  inOrder(index: number, choices: readonly string[]): ScheduleRun {
    return this.#play(index, this.seedOf(index), replayOf(choices))
  }

  /** Plays the natural schedule, once, as it tells the strategies how long schedules are: also in a worker that has other ones to run. */
  prepare(): void {
    if (this.#profile === undefined) this.#play(0, this.seedOf(0), natural())
  }

  seedOf(index: number): number {
    return seedAt(this.#seed, index)
  }

  /** The name of the strategy that picks the order. */
  strategyAt(index: number): string {
    return this.#makerAt(index)?.name ?? 'natural'
  }

  #strategyOf(index: number, seed: number): Strategy {
    if (this.#profile === undefined) return natural()
    return this.#makerAt(index)?.make(seed, this.#profile) ?? natural()
  }

  #makerAt(index: number): StrategyMaker | undefined {
    return index === 0 ? undefined : this.#strategies[(index - 1) % this.#strategies.length]
  }

  #play(index: number, seed: number, strategy: Strategy): ScheduleRun {
    const trial = this.#subject.trial({ ...this.#variant, seed })
    const result = simulateNow(trial.run, { ...trial.options, ...this.#kept, seed, strategy })
    if (index === 0) this.#profile ??= profileOf(result)
    return { index, seed, strategy: strategy.name, result, judged: trial.judge(result) }
  }
}

/** The seed of one schedule of an exploration. */
export function seedAt(seed: number, index: number): number {
  return new Random(`${seed}/${index}`).bits()
}

/** What strategies need to know of a schedule. */
export function profileOf({ choices, steps }: Pick<SimResult<unknown>, 'choices' | 'steps'>): Profile {
  const eventsByLane = new Map<string, number>()
  for (const key of choices) {
    const lane = key.slice(0, key.lastIndexOf('/'))
    eventsByLane.set(lane, (eventsByLane.get(lane) ?? 0) + 1)
  }
  return { steps, eventsByLane }
}
