import type { Finding } from '../../check/verdict.ts'
import { HarnessError } from '../../errors.ts'
import type { AnyThreadScenario } from '../../thread-scenario.ts'
import { choicesToken } from '../../threads/choices-token.ts'
import { strategyNamed } from '../../threads/strategy/strategies.ts'
import { confirmThreadFailure } from '../threads/confirm-thread-failure.ts'
import { loadThreadSubject } from '../threads/load-thread-subject.ts'
import { exploreThreadSubject } from '../threads/thread-exploration.ts'
import { replayChoices, shrinkThreadFailure } from '../threads/thread-failure.ts'
import { type ThreadSubject, type ThreadTrial, traceHashOf } from '../threads/thread-subject.ts'
import type { CatchTask, Found, SilenceAnswer, SilenceTask } from './proof-task.ts'
import { type Prover, passingAmong, type Small } from './prover.ts'

/** A schedule of threads that failed, and the promise that it broke. */
interface ThreadFailure {
  readonly trial: ThreadTrial
  readonly check: string
}

/** Shows a defect, or the silence of the correct target, in the thread world. */
export class ThreadProver implements Prover<ThreadFailure> {
  readonly #subject: ThreadSubject
  readonly #module: string
  readonly #alive: () => void

  private constructor(subject: ThreadSubject, module: string, alive: () => void) {
    this.#subject = subject
    this.#module = module
    this.#alive = alive
  }

  static async load(module: string, name: string | null, alive: () => void): Promise<ThreadProver> {
    const { default: scenario } = (await import(module)) as { default: AnyThreadScenario }
    const defect = scenario.target.defects.find((candidate) => candidate.name === name) ?? null
    if (name !== null && defect === null) {
      throw new HarnessError('ERR_UNKNOWN_NAME', `target '${scenario.target.name}' has no defect named '${name}'`)
    }
    return new ThreadProver(await loadThreadSubject(scenario, defect), module, alive)
  }

  async look(seed: number, { schedules, expected }: CatchTask): Promise<Found & { failure: ThreadFailure | null }> {
    const checks = new Set<string>()
    let check: string | undefined
    const isWanted = ({ findings }: ThreadTrial) => {
      for (const finding of findings) checks.add(finding.check)
      check = expected.find((each) => findings.some((finding) => finding.check === each))
      return check !== undefined
    }
    const explored = await exploreThreadSubject(this.#subject, { ...this.#options(seed, schedules), isWanted })
    const failure = explored.failed && check !== undefined ? { trial: explored.failed.trial, check } : null
    return { seed, schedules: explored.schedules, checks: [...checks], failure }
  }

  async shrink({ trial: failed, check }: ThreadFailure, seed: number): Promise<Small | null> {
    const small = await shrinkThreadFailure(this.#subject, failed, { seed, check })
    if (small === null) return null
    const [choices, hash] = [choicesToken(small.trial.choices), traceHashOf(small.trial)]
    const isSameAgain = async () => {
      const again = await replayChoices(this.#subject, choices, seed)
      this.#alive()
      return traceHashOf(again) === hash && again.findings.some((finding) => finding.check === check)
    }
    const confirm = () => confirmThreadFailure(this.#subject, small.trial, { seed, module: this.#module })
    return { holds: small.switches, isSameAgain, confirm }
  }

  async passingOrder(seed: number): Promise<string | null> {
    const strategy = strategyNamed('portfolio', seed)
    return this.#subject.inWorld(() => {
      for (let number = 1; number <= passingAmong; number++) {
        const { verdict, hasMore } = this.#subject.limitedTrial(strategy, { seed })
        if (verdict === 'valid') return `schedule ${number} of seed ${seed} (${strategy.name})`
        if (!hasMore) break
      }
      return null
    })
  }

  async silence({ seed, schedules }: SilenceTask): Promise<SilenceAnswer> {
    const { verdict, failed, ...explored } = await exploreThreadSubject(this.#subject, this.#options(seed, schedules))
    const told = { kind: 'silence', schedules: explored.schedules } as const
    if (failed === null) return { ...told, alarms: 0, unjudged: verdict === 'valid' ? 0 : told.schedules, alarm: null }
    const [{ check, message }] = failed.trial.findings as [Finding]
    const alarm = `schedule ${failed.schedule} of seed ${seed} (${failed.strategy}): ${check}: ${message}`
    return { ...told, alarms: 1, unjudged: 0, alarm }
  }

  #options(seed: number, schedules: number) {
    return { seed, schedules, strategy: null, progress: this.#alive }
  }
}
