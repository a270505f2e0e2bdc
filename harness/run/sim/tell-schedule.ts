import { pathToFileURL } from 'node:url'
import type { Finding } from '../../check/verdict.ts'
import { entry } from '../../entry.ts'
import type { Exploration, Outcome, ToldSchedule } from '../../explore/exploration.ts'
import { type FailureTask, lookAtFailure, type SeenSchedule } from '../../explore/failure-task.ts'
import type { Judged } from '../../explore/subject.ts'
import type { FailingSchedule, ReportedFinding } from '../../record.ts'
import type { AnyScenario } from '../../scenario.ts'
import type { ScenarioSpec } from './load-subject.ts'
import { type SavedFailure, saveFailure } from './save-failure.ts'

export interface TellOptions {
  spec: ScenarioSpec
  /** The file of a user's own scenario, relative to the working directory; null for one of the package's own. */
  file: string | null
  seed: number
  /** How many schedules there were to be. */
  schedules: number
  /** The folder for the repros. */
  runDir: string
  signal: AbortSignal
}

/** The schedule to tell of. */
export interface Told {
  judged: Judged
  /** What was found, each with what shows it again: of the schedule told, and of other ways in which it failed at first. */
  findings: ReportedFinding[]
  /** How the first failure came about, and what shows it again; null when there is none, or it did not come back. */
  failure: { story: string; failing: FailingSchedule; replay: string } | null
  /** What else is to be known: sentences for a reader. */
  notes: string[]
}

/** A schedule may fail by many checks at once; so many of them are each made small. */
const failuresAtMost = 3

/**
 * Makes the failure that was found small, tells it, and saves it as a repro; one for each check by which the schedule failed,
 * as far as one does not show the other. What the signal leaves no time for is told as it was found. When nothing failed, the
 * natural schedule stands for all; null when not even that was run. Throws `ERR_OUTPUT` when a repro cannot be
 * written.
 */
export async function tellSchedule(
  scenario: AnyScenario,
  { told, natural }: Exploration,
  options: TellOptions,
): Promise<Told | null> {
  if (told?.told == null) return natural && { judged: natural, findings: [], failure: null, notes: [] }
  const { judged, choices } = told.told
  // What was ended because it never came back would not come back here, either: it has no choices.
  if (judged.verdict === 'unknown') return asFound(told, judged, judged.notes ?? [])
  if (choices.length === 0) return asFound(told, judged, [])
  const saved = await saveEach(scenario, told, told.told, options)
  const [first] = saved
  if (first === undefined) return asFound(told, judged, options.signal.aborted ? [] : [notBack])
  return {
    judged: first.seen.judged,
    findings: reported(saved, told, judged),
    failure: first,
    notes: saved.flatMap((each) => notesOn(each, first)),
  }
}

const notBack = 'What failed did not come back when its schedule was run again, so that there is nothing to replay.'

function asFound({ seed }: Outcome, judged: Judged, notes: readonly string[]): Told {
  return {
    judged,
    findings: judged.findings.map((finding) => unsaved(finding, seed)),
    failure: null,
    notes: [...notes],
  }
}

function look({ spec, signal }: TellOptions, task: Omit<FailureTask, 'spec'>): Promise<SeenSchedule | null> {
  const module = pathToFileURL(entry('harness/run/sim/load-subject')).href
  return lookAtFailure({ spec: { module, input: spec }, ...task }, signal)
}

/** A repro for each check, but for those that fire in the schedule of another one as well. */
async function saveEach(
  scenario: AnyScenario,
  outcome: Outcome,
  { choices, judged }: ToldSchedule,
  options: TellOptions,
): Promise<SavedFailure[]> {
  const saved: SavedFailure[] = []
  for (const failure of firstOfEachCheck(judged.findings).slice(0, failuresAtMost)) {
    if (saved.some(({ seen }) => fires(seen, failure))) continue
    const findings = [failure, ...judged.findings.filter((finding) => finding !== failure)]
    const by = { choices, judged: { ...judged, findings } }
    const seen = await look(options, { variant: { seed: outcome.seed }, by })
    if (seen !== null) saved.push(await saveFailure(scenario, { seen, outcome, isFirst: saved.length === 0 }, options))
  }
  return saved
}

function firstOfEachCheck(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ check }, place) => findings.findIndex((other) => other.check === check) === place)
}

function fires({ judged }: SeenSchedule, { check }: Finding): boolean {
  return judged.findings.some((finding) => finding.check === check)
}

/** The findings of each repro by the checks that none before it shows, then those of checks that none shows. */
function reported(saved: readonly SavedFailure[], { seed }: Outcome, { findings }: Judged): ReportedFinding[] {
  const told: ReportedFinding[] = []
  const isNew = ({ check }: Finding) => told.every((finding) => finding.check !== check)
  for (const { seen, repro } of saved) {
    const again = { seed: seen.variant.seed, repro, holds: seen.holds.length }
    told.push(...seen.judged.findings.filter(isNew).map((finding) => ({ ...finding, ...again })))
  }
  return [...told, ...findings.filter(isNew).map((finding) => unsaved(finding, seed))]
}

function unsaved(finding: Finding, seed: number): ReportedFinding {
  return { ...finding, seed, repro: null, holds: null }
}

function notesOn({ seen, replay }: SavedFailure, first: SavedFailure): string[] {
  const check = seen.judged.findings[0]?.check
  const large = `The failure of ${check} could not be made small: its repro holds every event, in the order in which it was found.`
  const also = `It fails by ${check} as well: ${replay}`
  return [...(seen.order === null ? [] : [large]), ...(seen === first.seen ? [] : [also])]
}
