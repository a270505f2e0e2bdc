import { mapBundle } from '../../bundle-maps.ts'
import { HarnessError } from '../../errors.ts'
import type { Subject } from '../../explore/subject.ts'
import type { AnyScenario } from '../../scenario.ts'
import { scenarioSubject } from './scenario-subject.ts'

/** A scenario to explore, so that another thread can load it. */
export interface ScenarioSpec {
  /** The URL of a module in plain JavaScript, whose default export is the scenario. */
  module: string
  /** The name of one of its target's defects. */
  defect: string | null
  /** How many clients, instead of what the scenario says. */
  clients?: number
}

/**
 * Loads the scenario in the calling thread. `raceproof/register` must have been loaded before, since the target's packages
 * are loaded here. Throws `ERR_UNKNOWN_NAME` when the target has no such defect.
 */
export async function loadSubject({ module, defect: name, clients }: ScenarioSpec): Promise<Subject> {
  mapBundle(module)
  const { default: scenario } = (await import(module)) as { default: AnyScenario }
  const defect = scenario.target.defects.find((candidate: { name: string }) => candidate.name === name) ?? null
  if (name !== null && defect === null) {
    throw new HarnessError('ERR_UNKNOWN_NAME', `target '${scenario.target.name}' has no defect named '${name}'`)
  }
  return scenarioSubject(scenario, { defect, clients })
}
