import type { Defect } from '../../defect.ts'
import { HarnessError } from '../../errors.ts'
import { known } from '../../nearest.ts'
import type { AnyTarget } from '../../target.ts'
import { type WorldName, worlds } from '../../worlds.ts'
import type { LoadedScenario } from '../load-scenario.ts'

/** A defect that must be caught in a world, by a scenario that races it. */
export interface Claim {
  readonly defect: Defect
  readonly target: AnyTarget
  readonly world: WorldName
  /** Those of the defect that the world has, the most telling first. */
  readonly scenarios: readonly LoadedScenario[]
}

/** A scenario under which the correct target must stay silent. */
export interface Silence {
  readonly world: WorldName
  readonly loaded: LoadedScenario
}

export interface Claims {
  readonly claims: readonly Claim[]
  readonly silences: readonly Silence[]
}

export interface ClaimsWanted {
  /** Names of defects; none means all. */
  readonly defects: readonly string[]
  /** One world, or `all`. */
  readonly world: string
}

/**
 * What there is to show: every defect in every world that it names, and the scenarios that race them on correct code. Throws
 * `ERR_USAGE` for a world that is none, `ERR_UNKNOWN_NAME` for a defect that nobody has, and `ERR_WORLD_UNSUPPORTED` when those named are of other worlds.
 */
export function claimsOf(scenarios: readonly LoadedScenario[], { defects, world }: ClaimsWanted): Claims {
  if (world !== 'all' && !worlds.includes(world as WorldName)) {
    throw new HarnessError('ERR_USAGE', `--world: expected one of ${[...worlds, 'all'].join(', ')}, got '${world}'`)
  }
  const targets = new Map(scenarios.map(({ scenario: { target } }) => [target.name, target]))
  const all = [...targets.values()].flatMap((target) => target.defects.map((defect) => ({ defect, target })))
  expectKnown(
    defects,
    all.map(({ defect }) => defect.name),
  )
  const claims = all
    .filter(({ defect }) => defects.length === 0 || defects.includes(defect.name))
    .flatMap(({ defect, target }) => defect.worlds.map((where) => claimOf(defect, target, where, scenarios)))
    .filter((claim) => world === 'all' || claim.world === world)
  if (claims.length === 0) {
    throw new HarnessError('ERR_WORLD_UNSUPPORTED', `none of ${defects.join(', ')} shows in the world '${world}'`)
  }
  return { claims, silences: defects.length === 0 ? everyScenario(scenarios, world) : racing(claims) }
}

function expectKnown(names: readonly string[], all: readonly string[]): void {
  const unknown = names.find((name) => !all.includes(name))
  if (unknown === undefined) return
  throw new HarnessError('ERR_UNKNOWN_NAME', `there is no defect '${unknown}'.${known(unknown, all)}`)
}

function claimOf(defect: Defect, target: AnyTarget, world: WorldName, scenarios: readonly LoadedScenario[]): Claim {
  const racing = defect.scenarios.flatMap((name) =>
    scenarios.filter(({ scenario }) => scenario.name === name && world in scenario.scale),
  )
  return { defect, target, world, scenarios: racing }
}

function everyScenario(scenarios: readonly LoadedScenario[], world: ClaimsWanted['world']): Silence[] {
  return scenarios.flatMap((loaded) =>
    (Object.keys(loaded.scenario.scale) as WorldName[])
      .filter((where) => world === 'all' || where === world)
      .map((where) => ({ world: where, loaded })),
  )
}

function racing(claims: readonly Claim[]): Silence[] {
  const silences = claims.flatMap(({ world, scenarios }) => scenarios.map((loaded) => ({ world, loaded })))
  const keys = silences.map(({ world, loaded }) => `${world} ${loaded.module}`)
  return silences.filter((_, index) => keys.indexOf(keys[index]!) === index)
}
