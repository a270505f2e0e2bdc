import { judgeAll } from '../../check/judge.ts'
import { mergeVerdicts } from '../../check/verdict.ts'
import type { Defect } from '../../defect.ts'
import { HarnessError } from '../../errors.ts'
import { scheduleFindings } from '../../explore/schedule-findings.ts'
import type { Judged, Subject, Trial, Variant } from '../../explore/subject.ts'
import type { AnyScenario } from '../../scenario.ts'
import { active } from '../../sim/active.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import type { SimResult } from '../../sim/simulate.ts'
import { PartialRoster } from '../roster.ts'
import { type RoundEnd, whyNothingProved } from '../round.ts'
import { mistakeOf } from '../script.ts'
import { ScenarioSchedule } from './scenario-schedule.ts'

export interface ScenarioSubjectOptions {
  defect: Defect | null
  /** How many clients, instead of what the scenario says. */
  clients?: number
}

/** No schedule of a scenario takes longer than this unless something hangs. */
const maxVirtualMs = 900_000

/**
 * A scenario as something to explore: each trial boots the target afresh, plays one round of storm, heal, settle and
 * audit, stops the target, and lets the scenario's checks judge what was recorded.
 *
 * Throws `ERR_WORLD_UNSUPPORTED` when the scenario has no scale for the simulated world and `clients` is left out.
 */
export function scenarioSubject(scenario: AnyScenario, { defect, clients }: ScenarioSubjectOptions): Subject {
  const usual = clients ?? scenario.scale.sim?.clients
  if (usual === undefined) {
    throw new HarnessError(
      'ERR_WORLD_UNSUPPORTED',
      `scenario '${scenario.name}' does not run in the world 'sim': its scale has no entry for it`,
    )
  }
  return {
    name: scenario.name,
    trial: (variant) => new ScenarioTrial(scenario, defect, { clients: usual, ...variant }),
  }
}

class ScenarioTrial implements Trial {
  readonly options = { maxVirtualMs, settleMs: 0 }
  readonly #scenario: AnyScenario
  readonly #clients: number
  readonly #roster: PartialRoster
  readonly #schedule: ScenarioSchedule

  constructor(scenario: AnyScenario, defect: Defect | null, variant: Variant & { clients: number }) {
    const { seed, clients, withoutFaults: faults, withoutCalls: calls } = variant
    this.#scenario = scenario
    this.#clients = clients
    this.#roster = new PartialRoster({ faults, calls })
    this.#schedule = new ScenarioSchedule({ scenario, defect, seed, clients, roster: this.#roster })
  }

  get run(): Trial['run'] {
    return () => this.#schedule.play(active.current as Simulation)
  }

  /** Throws when the script is wrong, the target cannot be started, or the world cannot run its code. */
  judge(result: SimResult<unknown>): Judged {
    this.#schedule.close()
    const { history, recordedAt } = this.#schedule
    const end = result.value as RoundEnd | undefined
    if (end?.how === 'mistaken') throw mistakeOf(this.#scenario, end.thrown)
    const own = scheduleFindings(result)
    const { verdict, findings } = judgeAll(this.#scenario.checks, history)
    const more = own.length > 0 ? 'invalid' : end?.how === 'done' ? 'valid' : 'unknown'
    const notes = end == null || end.how === 'done' ? [] : whyNothingProved('In it', end)
    return {
      verdict: mergeVerdicts([verdict, more]),
      findings: [...findings, ...own],
      history,
      recordedAt,
      clients: this.#clients,
      faults: this.#roster.faults,
      calls: this.#roster.calls,
      notes,
    }
  }
}
