import { availableParallelism } from 'node:os'
import { pathToFileURL } from 'node:url'
import { entry } from '../../../harness/entry.ts'
import { messageOf } from '../../../harness/errors.ts'
import type { Exploration } from '../../../harness/explore/exploration.ts'
import { explorePool } from '../../../harness/explore/pool.ts'
import type { LoadedScenario } from '../../../harness/run/load-scenario.ts'
import type { ScenarioSpec } from '../../../harness/run/sim/load-subject.ts'
import { type Share, sharesOf } from './shares.ts'

/** What schedules of correct code showed. */
export interface QuietRun {
  scenario: string
  schedules: number
  /** Different orders of events, counted for each strategy, as each has data of its own. */
  distinct: number
  /** Schedules in which a check fired, of which nobody can know, or which went differently when they were repeated. */
  alarms: number
  /** Those that came first of each strategy, in words. */
  told: string[]
}

/** Runs a scenario on its correct target in the orders of all strategies. It does not stop at an alarm. */
export async function quietRun(loaded: LoadedScenario, schedules: number, seed: number): Promise<QuietRun> {
  const run: QuietRun = { scenario: loaded.scenario.name, schedules: 0, distinct: 0, alarms: 0, told: [] }
  for (const [place, share] of sharesOf(schedules).entries()) add(run, await played(loaded, share, seed + place))
  return run
}

function add(run: QuietRun, { schedules, distinct, alarms, told }: Omit<QuietRun, 'scenario'>): void {
  run.schedules += schedules
  run.distinct += distinct
  run.alarms += alarms
  run.told.push(...told)
}

/** Each strategy has a seed of its own, so that all have other data. */
async function played(loaded: LoadedScenario, share: Share, seed: number): Promise<Omit<QuietRun, 'scenario'>> {
  const command = `raceproof run ${loaded.scenario.name} --world sim --strategy ${share.strategy} --seed ${seed}`
  const input: ScenarioSpec = { module: loaded.module, defect: null }
  const module = pathToFileURL(entry('harness/run/sim/load-subject')).href
  try {
    const exploration = await explorePool({
      spec: { module, input },
      seed,
      ...share,
      workers: availableParallelism(),
      stopsAtFirst: false,
    })
    return outcomeOf(exploration, command)
  } catch (thrown) {
    // Correct code that the harness cannot run, or not twice in the same way, is as bad as a check that fires.
    return { schedules: 0, distinct: 0, alarms: 1, told: [`${messageOf(thrown)}; ${command}`] }
  }
}

function outcomeOf(exploration: Exploration, command: string): Omit<QuietRun, 'scenario'> {
  const { schedules, distinct, invalid, unknown, told } = exploration
  const alarms = invalid + unknown
  if (told?.told == null) return { schedules, distinct, alarms, told: [] }
  const [finding] = told.told.judged.findings
  const what = finding === undefined ? 'nobody can know whether it was right' : `${finding.check}: ${finding.message}`
  return { schedules, distinct, alarms, told: [`${what}; ${command} --schedules ${told.index + 1}`] }
}
