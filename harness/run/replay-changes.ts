import type { LoadedScenario } from './load-scenario.ts'
import { scenarioHash } from './replay-hash.ts'
import { raceproofVersion } from './replay-version.ts'

/** What a repro says of the code that it was saved with. */
export interface SavedWith {
  readonly scenario: string
  readonly scenarioHash: string
  readonly versions: { readonly raceproof: string; readonly node: string }
}

/** Whatever has changed since a repro was saved and may make its schedule another one: sentences for a reader. */
export function changesSince(
  { versions, scenarioHash: hash, scenario }: SavedWith,
  { module, ...loaded }: LoadedScenario,
): string[] {
  const version = raceproofVersion()
  const { name } = loaded.scenario
  return [
    ...(name === scenario ? [] : [`the scenario is called '${name}' now, and was called '${scenario}'`]),
    ...(scenarioHash(module) === hash ? [] : ['the code of the scenario or of its target has changed']),
    ...(versions.raceproof === version
      ? []
      : [`this is raceproof ${version}, and it was saved by ${versions.raceproof}`]),
    ...(versions.node === process.version
      ? []
      : [`this is Node.js ${process.version}, and it was saved by ${versions.node}`]),
  ]
}
