import type { Finding } from '../../check/verdict.ts'
import { fromMacrotask } from '../../explore/explore-subject.ts'
import { PlanExplorer } from '../../explore/explorer.ts'
import { SchedulePlan } from '../../explore/schedule-plan.ts'
import { Attempts } from '../../explore/shrink/attempt.ts'
import { type FoundFailure, type SmallFailure, shrink } from '../../explore/shrink/shrink.ts'
import type { Subject, Variant } from '../../explore/subject.ts'
import { strategiesNamed } from '../../sim/strategy/strategies.ts'
import { loadSubject } from '../sim/load-subject.ts'
import type { CatchTask, Found, SilenceAnswer, SilenceTask } from './proof-task.ts'
import { type Prover, passingAmong, type Small } from './prover.ts'

const strategies = strategiesNamed('portfolio') ?? []

/** Shows a defect, or the silence of the correct target, in the simulated world. */
export class SimProver implements Prover<FoundFailure> {
  readonly #subject: Subject
  readonly #alive: () => void

  private constructor(subject: Subject, alive: () => void) {
    this.#subject = subject
    this.#alive = alive
  }

  static async load(module: string, defect: string | null, alive: () => void): Promise<SimProver> {
    return new SimProver(await loadSubject({ module, defect }), alive)
  }

  async look(seed: number, { schedules, expected }: CatchTask): Promise<Found & { failure: FoundFailure | null }> {
    const explorer = new PlanExplorer(new SchedulePlan(this.#subject, { seed, strategies }))
    const checks = new Set<string>()
    for (let index = 0; index < schedules; index++) {
      const { told, seed: own } = await fromMacrotask(() => explorer.run(index))
      this.#alive()
      for (const { check } of told?.judged.findings ?? []) checks.add(check)
      const findings = (told?.judged.findings ?? []).filter(({ check }) => expected.includes(check))
      if (told === null || findings.length === 0) continue
      // The failure that is made small is the one that the defect is to be caught by.
      const failure = { choices: told.choices, judged: { ...told.judged, findings }, variant: { seed: own } }
      return { seed, schedules: index + 1, checks: [...checks], failure }
    }
    return { seed, schedules, checks: [...checks], failure: null }
  }

  async shrink(failure: FoundFailure): Promise<Small | null> {
    const small = await fromMacrotask(() => shrink(this.#heard(), failure))
    if (small === null) return null
    return { holds: small.holds.length, isSameAgain: () => this.#isSameAgain(small), confirm: async () => null }
  }

  async #isSameAgain({ variant, holds, result, judged }: SmallFailure): Promise<boolean> {
    const attempts = new Attempts(this.#subject, judged.findings[0] ?? 'any')
    const again = await fromMacrotask(() => attempts.run(variant, holds))
    this.#alive()
    return again.result.hash === result.hash && attempts.isSame(again.judged)
  }

  async passingOrder(seed: number): Promise<string | null> {
    const plan = new SchedulePlan(this.#subject, { seed, strategies })
    for (let index = 0; index < passingAmong; index++) {
      const { judged, strategy } = await fromMacrotask(() => plan.run(index))
      if (judged.verdict === 'valid') return `schedule ${index + 1} of seed ${seed} (${strategy})`
      this.#alive()
    }
    return null
  }

  async silence({ seed, schedules }: SilenceTask): Promise<SilenceAnswer> {
    // Only the verdicts count; that the same seed does the same is shown by the replays of the defects.
    const plan = new SchedulePlan(this.#subject, { seed, strategies, verdictsOnly: true })
    const answer: SilenceAnswer = { kind: 'silence', schedules, alarms: 0, unjudged: 0, alarm: null }
    for (let index = 0; index < schedules; index++) {
      const { judged, strategy } = await fromMacrotask(() => plan.run(index))
      const { verdict, findings } = judged
      this.#alive()
      if (verdict === 'unknown') answer.unjudged++
      if (verdict !== 'invalid') continue
      answer.alarms++
      const [{ check, message }] = findings as [Finding]
      answer.alarm ??= `schedule ${index + 1} of seed ${seed} (${strategy}): ${check}: ${message}`
    }
    return answer
  }

  /** The subject, each trial of which says that the one before has ended: making small takes many, in one go. */
  #heard(): Subject {
    const { name } = this.#subject
    const trial = (variant: Variant) => {
      this.#alive()
      return this.#subject.trial(variant)
    }
    return { name, trial }
  }
}
