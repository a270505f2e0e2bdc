import type { RunRecord } from '../../harness/record.ts'
import type { WorldName } from '../../harness/worlds.ts'
import type { Mutant } from './mutants.ts'
import type { Workspace } from './workspace.ts'

/** What noticed a mutation: a scenario, and the checks that failed in it, or how else its run went wrong. */
export interface Notice extends Looking {
  readonly by: string
}

/** A mutant and what became of it. */
export interface Judged {
  readonly mutant: Mutant
  /** Null when it survived. */
  readonly notice: Notice | null
}

export interface JudgeOptions {
  /** How many orders of events are tried in the simulated world; of threads, whose schedules are short, ten times as many. */
  readonly schedules: number
  /** How long a scenario is played live. */
  readonly seconds: number
  readonly seed: number
  /** For one scenario; a mutant that hangs is noticed by that. */
  readonly timeoutMs: number
}

/** A scenario in one of its worlds. */
export interface Looking {
  readonly scenario: string
  readonly world: WorldName
}

/** Runs scenarios, one after the other, until one of them notices; null when none does. */
export async function firstNotice(
  workspace: Workspace,
  looking: readonly Looking[],
  options: JudgeOptions,
): Promise<Notice | null> {
  for (const look of looking) {
    const by = await noticedBy(workspace, look, options)
    if (by !== null) return { ...look, by }
  }
  return null
}

async function noticedBy(
  workspace: Workspace,
  { scenario, world }: Looking,
  { schedules, seconds, seed, timeoutMs }: JudgeOptions,
): Promise<string | null> {
  const scale = {
    sim: ['--schedules', schedules],
    threads: ['--schedules', 10 * schedules],
    live: ['--seconds', seconds],
  }
  const args = ['run', scenario, '--world', world, ...scale[world], '--seed', seed, '--json'].map(String)
  const { exitCode, stdout } = await workspace.raceproof(args, { timeoutMs })
  if (exitCode === 0) return null
  if (exitCode === null) return 'it hangs'
  if (exitCode === 1) return checksOf(stdout)
  return exitCode === 2 ? 'it cannot be judged' : 'it does not run'
}

function checksOf(json: string): string {
  const { runs } = JSON.parse(json) as RunRecord
  return [...new Set(runs.flatMap(({ findings }) => findings.map(({ check }) => check)))].join(', ')
}
