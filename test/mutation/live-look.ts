import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunRecord } from '../../harness/record.ts'
import { mutantVariable, reachedVariable } from './switch.ts'
import type { Ended, Workspace } from './workspace.ts'

export interface LiveExtent {
  readonly seed: number
  /** How long a scenario is played. */
  readonly seconds: number
}

/** A live run that takes longer than this never ends. */
const timeoutMs = 120_000

/** The mutants whose places the correct code reaches in a live run. Throws when anything is noticed in it. */
export async function reachedLive(workspace: Workspace, scenario: string, extent: LiveExtent): Promise<Set<number>> {
  const file = join(workspace.folder, 'reached.txt')
  await rm(file, { force: true })
  const ended = await play(workspace, scenario, extent, { [reachedVariable]: file })
  const wrong = wrongOf(ended)
  if (wrong !== null) throw new Error(`expected silence on correct code, got ${wrong} in ${scenario} (live)`)
  const lines = existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n') : []
  return new Set(lines.filter((line) => line !== '').map(Number))
}

/** What a live run notices of a mutant; null when nothing. */
export async function wrongLive(
  workspace: Workspace,
  scenario: string,
  mutant: number,
  extent: LiveExtent,
): Promise<string | null> {
  return wrongOf(await play(workspace, scenario, extent, { [mutantVariable]: String(mutant) }))
}

function play(
  workspace: Workspace,
  scenario: string,
  { seed, seconds }: LiveExtent,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const args = ['run', scenario, '--world', 'live', '--seconds', seconds, '--seed', seed, '--json'].map(String)
  return workspace.raceproof(args, { timeoutMs, env })
}

/** That nothing could be judged is no notice: too little may have happened in so short a time. */
function wrongOf({ exitCode, stdout }: Ended): string | null {
  if (exitCode === null) return 'it hangs'
  if (exitCode === 1) return checksOf(stdout)
  return exitCode === 0 || exitCode === 2 ? null : 'it does not run'
}

function checksOf(json: string): string {
  const { runs } = JSON.parse(json) as RunRecord
  return [...new Set(runs.flatMap(({ findings }) => findings.map(({ check }) => check)))].join(', ')
}
