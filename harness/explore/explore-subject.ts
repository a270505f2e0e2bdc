import { active } from '../sim/active.ts'
import type { StrategyMaker } from '../sim/strategy/strategy.ts'
import { type Exploration, Merger, type Outcome, outcomeOf } from './exploration.ts'
import { expectSame, isRepeated } from './repeat.ts'
import { SchedulePlan, type ScheduleRun } from './schedule-plan.ts'
import type { Subject, Variant } from './subject.ts'

export interface ExploreSubjectOptions {
  seed: number
  /** How many schedules are run at the most. */
  schedules: number
  /** Played by turns. */
  strategies: readonly StrategyMaker[]
  variant?: Omit<Variant, 'seed'>
  /** Whether the first invalid schedule ends it; true by default. */
  stopsAtFirst?: boolean
  signal?: AbortSignal
  /** Told after each turn of the real event loop, every tenth of a second or so. */
  progress?(schedules: number): void
}

/** How long schedules may keep the real event loop from turning, in real time. */
const turnMs = 100

/** Runs schedules of a subject in the calling thread. What was seen until the signal ended it counts. */
export async function exploreSubject(subject: Subject, options: ExploreSubjectOptions): Promise<Exploration> {
  const { schedules, signal, progress, stopsAtFirst = true } = options
  const plan = new SchedulePlan(subject, options)
  const merger = new Merger({ stopsAtFirst })
  let index = 0
  while (index < schedules && merger.cutAt === Number.POSITIVE_INFINITY && signal?.aborted !== true) {
    index = await fromMacrotask(() => runTurn(plan, merger, index, schedules))
    progress?.(merger.size)
  }
  return merger.merged()
}

/** Runs schedules for a while; returns the index of the next one. */
function runTurn(plan: SchedulePlan, merger: Merger, from: number, to: number): number {
  const untilMs = active.real.Date.now() + turnMs
  let index = from
  do {
    merger.add(runAt(plan, index++))
  } while (index < to && merger.cutAt === Number.POSITIVE_INFINITY && active.real.Date.now() < untilMs)
  return index
}

/** Runs one schedule, some of them twice. Throws `ERR_NONDETERMINISM`. Call it from a macrotask. */
export function runAt(plan: SchedulePlan, index: number): Outcome {
  const run: ScheduleRun = plan.run(index)
  const repeated = isRepeated(index)
  if (repeated) expectSame(run, plan.run(index))
  return outcomeOf(run, repeated)
}

/** Schedules run their own ticks, which they cannot from a promise's continuation. */
export function fromMacrotask<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    active.real.setImmediate(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error)
      }
    })
  })
}
