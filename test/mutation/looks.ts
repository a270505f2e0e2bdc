import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundledScenarios, type LoadedScenario } from '../../harness/run/load-scenario.ts'
import type { ScheduledWorld } from '../../harness/run/prove/proof-task.ts'
import type { Workspace } from './workspace.ts'

/** A scenario in a world whose schedule is controlled. */
export interface Look {
  readonly scenario: string
  /** The name of the scenario's target, which is that of its folder. */
  readonly target: string
  readonly world: ScheduledWorld
  /** The URL of its module, in the workspace. */
  readonly module: string
}

/** All scenarios, in each world of theirs whose schedule is controlled. */
export async function scheduledLooks(workspace: Workspace): Promise<Look[]> {
  return (await bundledScenarios()).flatMap(({ scenario, module: own }) => {
    const module = pathToFileURL(workspace.built(`scenarios/${basename(own)}`)).href
    const look = (world: ScheduledWorld) => ({ scenario: scenario.name, target: scenario.target.name, world, module })
    if (scenario.kind === 'thread-scenario') return [look('threads')]
    return scenario.scale.sim === undefined ? [] : [look('sim')]
  })
}

/** The names of the scenarios that are quick enough live for the gate. */
export async function liveScenarios(): Promise<string[]> {
  return (await bundledScenarios()).filter(isQuickLive).map(({ scenario }) => scenario.name)
}

function isQuickLive({ scenario }: LoadedScenario): boolean {
  const { live } = scenario.scale
  return live !== undefined && live.gate !== false
}
