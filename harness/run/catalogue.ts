import { check } from '../check/checks.ts'
import { models } from '../check/linearizable/models.ts'
import { strategyNames } from '../sim/strategy/strategies.ts'
import { threadStrategyNames } from '../threads/strategy/strategies.ts'
import type { WorldName } from '../worlds.ts'
import { bundledScenarios } from './load-scenario.ts'
import { targetsOf } from './select.ts'

/** Everything that has a name on the command line. */
export interface Catalogue {
  scenarios: { name: string; target: string; worlds: WorldName[]; checks: string[]; promise: string; source: string }[]
  targets: { name: string; about: string; parts: string[] }[]
  defects: { name: string; target: string; wrong: string; caughtBy: readonly string[]; race: boolean; source: string }[]
  checks: string[]
  /** What picks the order of events in the simulated world. */
  strategies: readonly string[]
  /** What picks the next thread in the thread world. */
  threadStrategies: readonly string[]
  models: string[]
}

/** Lists what the package brings. */
export async function catalogue(): Promise<Catalogue> {
  const scenarios = (await bundledScenarios()).map(({ scenario }) => scenario)
  const targets = [...targetsOf(scenarios).values()]
  return {
    scenarios: scenarios.map(({ name, target, scale, checks, promise, source }) => ({
      name,
      target: target.name,
      worlds: Object.keys(scale) as WorldName[],
      checks: checks.map((each) => each.name),
      promise,
      source,
    })),
    targets: targets.map(({ name, about, parts }) => ({ name, about, parts: Object.keys(parts) })),
    defects: targets.flatMap((target) =>
      target.defects.map(({ name, wrong, caughtBy, race, source }) => ({
        name,
        target: target.name,
        wrong,
        caughtBy,
        race,
        source,
      })),
    ),
    checks: Object.values(check).map((make) => kebab(make.name)),
    strategies: strategyNames,
    threadStrategies: threadStrategyNames,
    models: Object.keys(models),
  }
}

/** The name under which reports show a check: `doubleLoads` makes `double-loads`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
