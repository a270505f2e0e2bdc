import { type Defect, partsWith } from '../defect.ts'
import { HarnessError } from '../errors.ts'
import { type Scenario, type WorldName, worlds } from '../scenario.ts'
import { bundledScenarios, loadScenario } from './load-scenario.ts'
import { known } from './nearest.ts'
import type { Launch } from './stress.ts'

/** What to run, in the words of the command line. */
export interface Wanted {
  scenarios: readonly string[]
  world: string
  target: string | undefined
  defect: string | undefined
  cwd: string
}

/** What will run. */
export interface Selection {
  scenarios: Scenario[]
  worlds: WorldName[]
  defect: Defect | null
  launch: Launch
}

/**
 * Finds what was asked for. Throws `ERR_UNKNOWN_NAME` for a name that nobody has, `ERR_WORLD_UNSUPPORTED` when no scenario runs
 * in the world, and `ERR_USAGE` when the parts do not fit together.
 */
export async function select(wanted: Wanted): Promise<Selection> {
  const bundled = await bundledScenarios()
  const launch = launchOf(wanted, bundled)
  const named = await Promise.all(wanted.scenarios.map((name) => loadScenario(name, wanted.cwd)))
  const defect = wanted.defect === undefined ? null : findDefect(wanted.defect, [...named, ...bundled])
  const scenarios = named.length > 0 ? named : byDefault(bundled, wanted, defect)
  for (const scenario of scenarios) reconcile(scenario, wanted, defect, launch)
  return { scenarios, worlds: worldsOf(scenarios, wanted.world), defect, launch }
}

/** All targets of some scenarios, by name. */
export function targetsOf(scenarios: readonly Scenario[]): Map<string, Scenario['target']> {
  return new Map(scenarios.map(({ target }) => [target.name, target]))
}

function launchOf({ target, scenarios }: Wanted, bundled: readonly Scenario[]): Launch {
  const names = [...targetsOf(bundled).keys()]
  if (target === undefined || names.includes(target)) return { kind: 'host' }
  const isUrl = /^https?:\/\//.test(target)
  // One plain word is a name; a command that is one word can be written with a path or an argument.
  if (!isUrl && /^[\w-]+$/.test(target)) {
    throw new HarnessError(
      'ERR_UNKNOWN_NAME',
      `there is no target '${target}'.${known(target, names)} A URL or a command works too.`,
    )
  }
  if (isUrl && !URL.canParse(target)) throw new HarnessError('ERR_USAGE', `--target: '${target}' is no valid URL`)
  if (scenarios.length === 0) {
    throw new HarnessError(
      'ERR_USAGE',
      `--target ${target}: name the scenarios to run against it, such as 'raceproof run rapid-create-delete --target …'`,
    )
  }
  return isUrl ? { kind: 'url', url: target.replace(/\/$/, '') } : { kind: 'command', command: target }
}

function findDefect(name: string, scenarios: readonly Scenario[]): Defect {
  const defects = [...targetsOf(scenarios).values()].flatMap((target) => target.defects)
  const found = defects.find((defect) => defect.name === name)
  if (found !== undefined) return found
  throw new HarnessError(
    'ERR_UNKNOWN_NAME',
    `there is no defect '${name}'.${known(
      name,
      defects.map((defect) => defect.name),
    )}`,
  )
}

function byDefault(bundled: readonly Scenario[], { target }: Wanted, defect: Defect | null): Scenario[] {
  return bundled
    .filter((scenario) => target === undefined || scenario.target.name === target)
    .filter((scenario) => defect === null || scenario.target.defects.includes(defect))
}

function reconcile(scenario: Scenario, { target }: Wanted, defect: Defect | null, launch: Launch): void {
  const { name } = scenario.target
  if (launch.kind === 'host' && target !== undefined && target !== name) {
    throw new HarnessError('ERR_USAGE', `scenario '${scenario.name}' is about the target '${name}', not '${target}'`)
  }
  if (defect === null) return
  if (!scenario.target.defects.includes(defect)) {
    throw new HarnessError(
      'ERR_USAGE',
      `defect '${defect.name}' is not one of the target '${name}', which scenario '${scenario.name}' is about`,
    )
  }
  if (launch.kind !== 'host' && defect.side === 'server') {
    throw new HarnessError(
      'ERR_USAGE',
      `defect '${defect.name}' replaces a part of the server, and the server given with --target is not ours to change`,
    )
  }
  partsWith(scenario.target.parts, defect, defect.side)
}

function worldsOf(scenarios: readonly Scenario[], world: string): WorldName[] {
  if (world === 'all') return worlds.filter((name) => scenarios.some(({ scale }) => name in scale))
  if (!worlds.includes(world as WorldName)) {
    throw new HarnessError('ERR_USAGE', `--world: expected one of ${[...worlds, 'all'].join(', ')}, got '${world}'`)
  }
  for (const { name, scale } of scenarios) {
    if (world in scale) continue
    const has = Object.keys(scale).join(', ')
    throw new HarnessError(
      'ERR_WORLD_UNSUPPORTED',
      `scenario '${name}' does not run in the world '${world}'; it has: ${has}`,
    )
  }
  return [world as WorldName]
}
