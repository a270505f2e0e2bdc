import { basename, join } from 'node:path'
import type { Outcome } from '../../explore/exploration.ts'
import type { SeenSchedule } from '../../explore/failure-task.ts'
import { reproName, reproOf } from '../../explore/repro/repro.ts'
import { tellFailure } from '../../explore/told/tell-failure.ts'
import type { FailingSchedule } from '../../record.ts'
import type { AnyScenario } from '../../scenario.ts'
import { replayReproCommand } from '../replay-command.ts'
import { scenarioHash } from '../replay-hash.ts'
import { raceproofVersion } from '../replay-version.ts'
import { writeWhole } from '../run-folder.ts'
import { shortPath } from '../short-path.ts'
import type { TellOptions } from './tell-schedule.ts'

/** A failure that was looked at, and the schedule in which it was found. */
export interface SeenFailure {
  seen: SeenSchedule
  outcome: Outcome
  /** Others of the same seed are named after their check as well. */
  isFirst: boolean
}

/** A failure that can be shown again. */
export interface SavedFailure {
  seen: SeenSchedule
  story: string
  failing: FailingSchedule
  /** The file, in the run's folder. */
  repro: string
  /** The command. */
  replay: string
}

/** Writes the repro of a failure, and tells it. Throws `ERR_OUTPUT` when it cannot be written. */
export async function saveFailure(
  { name, target }: AnyScenario,
  { seen, outcome: { index, strategy }, isFirst }: SeenFailure,
  { spec, file, runDir, schedules }: TellOptions,
): Promise<SavedFailure> {
  const repro = reproOf(seen, {
    scenario: name,
    file,
    target: target.name,
    defect: spec.defect,
    strategy,
    scenarioHash: scenarioHash(spec.module),
    versions: { raceproof: raceproofVersion(), node: process.version },
  })
  const path = join(runDir, reproName(repro, isFirst ? undefined : repro.finding.check))
  await writeWhole(path, `${JSON.stringify(repro, null, 2)}\n`)
  const replay = replayReproCommand(shortPath(path))
  const story = tellFailure({
    name,
    schedule: { number: index + 1, of: schedules, strategy },
    findings: seen.judged.findings,
    timeLine: seen.timeLine,
    holds: seen.holds,
    isAsFound: seen.order !== null,
    seed: seen.variant.seed,
    replay,
  })
  return { seen, story, failing: failingOf(seen), repro: basename(path), replay }
}

function failingOf({ holds, timeLine }: SeenSchedule): FailingSchedule {
  const { actors, rows, steps } = timeLine
  return { holds: [...holds], actors, rows, steps }
}
