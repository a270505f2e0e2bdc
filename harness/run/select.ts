import type { Defect } from '../defect.ts'
import { HarnessError } from '../errors.ts'
import type { Launch } from '../live/launch.ts'
import { known } from '../nearest.ts'
import type { AnyTarget } from '../target.ts'
import type { RunnableScenario } from '../thread-scenario.ts'
import { type WorldName, worlds } from '../worlds.ts'
import { bundledScenarios, type LoadedScenario, loadScenario } from './load-scenario.ts'

/** What to run, in the words of the command line. */
export interface Wanted {
  /** Names or paths; none means all of the package that fit the rest. */
  scenarios: readonly string[]
  /** One world, or `all` that a scenario has. */
  world: string
  /** A target's name, a URL, or a command. */
  target: string | undefined
  defect: string | undefined
  /** Options that were given and that only some worlds understand. */
  onlyIn: readonly { option: string; worlds: readonly WorldName[] }[]
  cwd: string
}

/** A scenario, and how the command line names it. */
interface Named extends LoadedScenario {
  argument: string
}

/** One scenario in one world. */
export interface Selected extends Named {
  world: WorldName
  defect: Defect | null
}

/** What will run. */
export interface Selection {
  runs: Selected[]
  launch: Launch
}

/** The worlds in which this version runs scenarios. */
const runnable: readonly WorldName[] = ['sim', 'threads', 'live']

/**
 * Finds what was asked for. Throws `ERR_UNKNOWN_NAME` for a name that nobody has, `ERR_SCENARIO_INVALID` for a malformed
 * file, `ERR_WORLD_UNSUPPORTED` when a scenario does not run in the world, and `ERR_USAGE` when the parts do not fit
 * together.
 */
export async function select(wanted: Wanted): Promise<Selection> {
  const named = await loadNamed(wanted)
  // A run of the user's own scenarios must not depend on whether the package's own can be loaded.
  const needsOwn = named.length === 0 || wanted.target !== undefined || wanted.defect !== undefined
  const own = needsOwn
    ? (await bundledScenarios()).map((loaded) => ({ ...loaded, argument: loaded.scenario.name }))
    : []
  const targets = targetsOf([...own, ...named].map(({ scenario }) => scenario))
  const launch = launchOf(wanted, targets)
  expectDefect(wanted.defect, targets)
  const picked = named.length > 0 ? named : own.filter(({ scenario }) => fits(scenario, wanted))
  const runs = picked.flatMap((pick) => inItsWorlds(pick, wanted, launch))
  expectSomething(runs, wanted)
  return { runs, launch }
}

/** All targets of some scenarios, by name; of two with one name, that of the later scenario. */
export function targetsOf(scenarios: readonly RunnableScenario[]): Map<string, AnyTarget> {
  return new Map(scenarios.map(({ target }) => [target.name, target]))
}

/** The scenarios that the command line names; naming one twice is no more than naming it once. */
async function loadNamed({ scenarios, cwd }: Wanted): Promise<Named[]> {
  const named = await Promise.all(
    [...new Set(scenarios)].map(async (argument) => ({ argument, ...(await loadScenario(argument, cwd)) })),
  )
  const names = named.map(({ scenario }) => scenario.name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice === undefined) return named
  const files = named.filter(({ scenario }) => scenario.name === twice).map(({ argument }) => argument)
  throw usage(
    `${files.join(' and ')} are both named '${twice}', so that nobody could tell their results apart; run them one by one`,
  )
}

function launchOf({ target, scenarios }: Wanted, targets: ReadonlyMap<string, AnyTarget>): Launch {
  if (target === undefined || targets.has(target)) return { kind: 'host' }
  const isUrl = /^https?:\/\//.test(target)
  // One plain word is a name. A command of one word is written with its path, as in ./server.
  if (!isUrl && /^[\w-]+$/.test(target)) {
    const others = 'A URL, or a command with an argument or a path, works too.'
    throw new HarnessError(
      'ERR_UNKNOWN_NAME',
      `there is no target '${target}'.${known(target, [...targets.keys()])} ${others}`,
    )
  }
  if (isUrl && !URL.canParse(target)) throw usage(`--target: '${target}' is no valid URL`)
  if (scenarios.length === 0) {
    throw usage(
      `--target ${target}: name the scenarios to run against it, as in 'raceproof run rapid-create-delete --target …'`,
    )
  }
  return isUrl ? { kind: 'url', url: target.replace(/\/+$/, '') } : { kind: 'command', command: target }
}

function expectDefect(name: string | undefined, targets: ReadonlyMap<string, AnyTarget>): void {
  const names = [...targets.values()].flatMap(({ defects }) => defects.map((defect) => defect.name))
  if (name === undefined || names.includes(name)) return
  throw new HarnessError('ERR_UNKNOWN_NAME', `there is no defect '${name}'.${known(name, names)}`)
}

function fits({ target, scale }: RunnableScenario, wanted: Wanted): boolean {
  if (wanted.target !== undefined && wanted.target !== target.name) return false
  if (wanted.defect !== undefined && defectOf(target, wanted.defect) === undefined) return false
  return wantedWorlds(wanted).some((world) => world in scale)
}

/** The scenario in each world that was asked for. Throws when it does not go together with the rest. */
function inItsWorlds(named: Named, wanted: Wanted, launch: Launch): Selected[] {
  const { scenario } = named
  expectTarget(scenario, wanted, launch)
  const defect = wanted.defect === undefined ? null : expectOwnDefect(scenario, wanted.defect, launch)
  expectOneProcess(scenario, launch)
  const has = wantedWorlds(wanted).filter(
    (world) => world in scenario.scale && carries(world, launch) && isPlayed(world, scenario, wanted),
  )
  if (has.length === 0) {
    if (wanted.world === 'sim' && launch.kind !== 'host') {
      throw unsupported(`a server given with --target runs as it is, and not in the world 'sim'; use --world live`)
    }
    const others = runnable.filter((world) => world in scenario.scale)
    const told =
      others.length === 0 ? 'this version of raceproof can run it in none' : `it runs in: ${others.join(', ')}`
    throw unsupported(`scenario '${scenario.name}' does not run in ${worldNamed(wanted)}; ${told}`)
  }
  return has.map((world) => ({ ...named, world, defect }))
}

/** A gate that is to be quick does not play every scenario live that can be played in the simulated world. */
function isPlayed(world: WorldName, { scale }: RunnableScenario, { scenarios, world: asked, defect }: Wanted): boolean {
  const isGate = scenarios.length === 0 && asked === 'all' && defect === undefined
  return !(isGate && world === 'live' && scale.live?.gate === false && scale.sim !== undefined)
}

/** Servers that are given by URL or command run as they are, in the real world. */
function carries(world: WorldName, launch: Launch): boolean {
  return world === 'live' || launch.kind === 'host'
}

function expectTarget({ name, target }: RunnableScenario, wanted: Wanted, launch: Launch): void {
  if (launch.kind !== 'host' || wanted.target === undefined || wanted.target === target.name) return
  throw usage(`scenario '${name}' is about the target '${target.name}', not '${wanted.target}'`)
}

function expectOneProcess(scenario: RunnableScenario, launch: Launch): void {
  const { processes = 1 } = scenario.kind === 'scenario' ? scenario : {}
  if (launch.kind === 'host' || processes === 1) return
  throw unsupported(
    `scenario '${scenario.name}' needs ${processes} processes of the target over one data folder, which only a target that the harness starts by its module can have; leave --target out`,
  )
}

function expectOwnDefect({ name, target }: RunnableScenario, wanted: string, launch: Launch): Defect {
  const defect = defectOf(target, wanted)
  if (defect === undefined) {
    const own = target.defects.map((each) => each.name).join(', ')
    throw usage(
      `defect '${wanted}' is not one of the target '${target.name}', which scenario '${name}' is about; that has: ${own || 'none'}`,
    )
  }
  if (launch.kind === 'host' || defect.side === 'client') return defect
  throw usage(
    `defect '${wanted}' replaces a part of the server, and the server given with --target is not ours to change`,
  )
}

function defectOf(target: AnyTarget, name: string): Defect | undefined {
  return target.defects.find((defect) => defect.name === name)
}

function wantedWorlds({ world }: Wanted): readonly WorldName[] {
  if (world !== 'all' && !worlds.includes(world as WorldName)) {
    throw usage(`--world: expected one of ${[...worlds, 'all'].join(', ')}, got '${world}'`)
  }
  return runnable.filter((name) => world === 'all' || world === name)
}

function worldNamed({ world }: Wanted): string {
  return world === 'all' ? 'any world' : `the world '${world}'`
}

function expectSomething(runs: readonly Selected[], wanted: Wanted): void {
  if (runs.length === 0) {
    throw unsupported(
      `no scenario of the package that fits runs in ${worldNamed(wanted)}; worlds to choose from: ${runnable.join(', ')}`,
    )
  }
  for (const { option, worlds: fitting } of wanted.onlyIn) {
    if (runs.some(({ world }) => fitting.includes(world))) continue
    const where = fitting.map((world) => `'${world}'`).join(' and ')
    throw usage(
      `${option} belongs to the ${fitting.length > 1 ? 'worlds' : 'world'} ${where}, and no selected scenario runs there`,
    )
  }
}

function usage(message: string): HarnessError {
  return new HarnessError('ERR_USAGE', message)
}

function unsupported(message: string): HarnessError {
  return new HarnessError('ERR_WORLD_UNSUPPORTED', message)
}
