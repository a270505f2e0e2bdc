import { isAbsolute, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { entry } from '../../entry.ts'
import type { Exploration, Outcome } from '../../explore/exploration.ts'
import { lookAtFailure, type SeenSchedule } from '../../explore/failure-task.ts'
import { reproName, reproOf } from '../../explore/repro/repro.ts'
import { seedAt } from '../../explore/schedule-plan.ts'
import type { Judged } from '../../explore/subject.ts'
import { tellFailure } from '../../explore/told/tell-failure.ts'
import type { FailingSchedule } from '../../record.ts'
import type { AnyScenario } from '../../scenario.ts'
import { replayReproCommand } from '../replay-command.ts'
import { scenarioHash } from '../replay-hash.ts'
import { raceproofVersion } from '../replay-version.ts'
import { writeWhole } from '../run-folder.ts'
import type { ScenarioSpec } from './load-subject.ts'

export interface TellOptions {
  spec: ScenarioSpec
  /** The file of a user's own scenario, relative to the working directory; null for one of the package's own. */
  file: string | null
  seed: number
  /** How many schedules there were to be. */
  schedules: number
  /** The folder for the repro. */
  runDir: string
  signal: AbortSignal
}

/** The schedule to tell of. */
export interface Told {
  seed: number
  judged: Judged
  /** What could be made small of a failure; null when there is none, or it could not be repeated. */
  failure: { story: string; failing: FailingSchedule; repro: string; holds: number; replay: string } | null
}

/**
 * Makes the failure that was found small, tells it, and saves it as a repro. When nothing failed, the natural schedule stands
 * for all. Null when the signal ends it first. Throws `ERR_OUTPUT` when the repro cannot be written.
 */
export async function tellSchedule(
  scenario: AnyScenario,
  { told }: Exploration,
  options: TellOptions,
): Promise<Told | null> {
  if (told?.told == null) return naturalSchedule(options)
  const { choices, judged } = told.told
  const { seed } = told
  const asFound = { seed, judged, failure: null }
  if (judged.verdict !== 'invalid') return asFound
  const seen = await look(options, { variant: { seed }, by: { choices, judged } })
  if (seen === null) return options.signal.aborted ? null : asFound
  const failure = await saved(scenario, seen, told, options)
  return { seed: seen.variant.seed, judged: seen.judged, failure }
}

async function naturalSchedule(options: TellOptions): Promise<Told | null> {
  const seed = seedAt(options.seed, 0)
  const seen = await look(options, { variant: { seed }, by: { holds: [] } })
  return seen && { seed, judged: seen.judged, failure: null }
}

function look(
  { spec, signal }: TellOptions,
  task: Omit<Parameters<typeof lookAtFailure>[0], 'spec'>,
): Promise<SeenSchedule | null> {
  const module = pathToFileURL(entry('harness/run/sim/load-subject')).href
  return lookAtFailure({ spec: { module, input: spec }, ...task }, signal)
}

async function saved(
  { name, target }: AnyScenario,
  seen: SeenSchedule,
  { index, strategy }: Outcome,
  { spec, file, runDir, schedules }: TellOptions,
): Promise<Told['failure']> {
  const repro = reproOf(seen, {
    scenario: name,
    file,
    target: target.name,
    defect: spec.defect,
    strategy,
    scenarioHash: scenarioHash(spec.module),
    versions: { raceproof: raceproofVersion(), node: process.version },
  })
  const path = join(runDir, reproName(repro))
  await writeWhole(path, `${JSON.stringify(repro, null, 2)}\n`)
  const replay = replayReproCommand(fromHere(path))
  const { judged, timeLine, holds, variant } = seen
  const story = tellFailure({
    name,
    schedule: { number: index + 1, of: schedules, strategy },
    findings: judged.findings,
    timeLine,
    holds,
    seed: variant.seed,
    replay,
  })
  const { actors, rows, steps } = timeLine
  const failing = { holds: [...holds], actors, rows, steps }
  return { story, failing, repro: reproName(repro), holds: holds.length, replay }
}

/** A path as one would type it. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}
