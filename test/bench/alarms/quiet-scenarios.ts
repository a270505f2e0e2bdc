import { HarnessError } from '../../../harness/errors.ts'
import { bundledScenarios, type LoadedScenario } from '../../../harness/run/load-scenario.ts'

/** The package's own scenarios that run in the simulated world, or those that are named. Throws `ERR_UNKNOWN_NAME`. */
export async function quietScenarios(names: readonly string[] | undefined): Promise<LoadedScenario[]> {
  const all = (await bundledScenarios()).filter(({ scenario }) => scenario.scale.sim !== undefined)
  const known = all.map(({ scenario }) => scenario.name)
  const unknown = names?.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new HarnessError(
      'ERR_UNKNOWN_NAME',
      `no scenario of the simulated world is called '${unknown}'; there are ${known.join(', ')}`,
    )
  }
  return all.filter(({ scenario }) => names?.includes(scenario.name) ?? true)
}
