import { writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { judgeAll, type RunJudgement } from '../../check/judge.ts'
import { mergeVerdicts } from '../../check/verdict.ts'
import type { Defect } from '../../defect.ts'
import { HarnessError, messageOf } from '../../errors.ts'
import { reproName } from '../../explore/repro/repro.ts'
import type { Confirmation, ScenarioRun } from '../../record.ts'
import type { AnyThreadScenario } from '../../thread-scenario.ts'
import { choicesToken } from '../../threads/choices-token.ts'
import { makeFolder } from '../make-folder.ts'
import type { ThreadsProgress } from '../progress.ts'
import { replayReproCommand } from '../replay-command.ts'
import { scenarioHash } from '../replay-hash.ts'
import { raceproofVersion } from '../replay-version.ts'
import { writeWhole } from '../run-folder.ts'
import { summarize } from '../summarize.ts'
import { confirmThreadFailure } from './confirm-thread-failure.ts'
import { loadThreadSubject } from './load-thread-subject.ts'
import { tellThreadFailure } from './tell-thread-failure.ts'
import { exploreThreadSubject, type FailedTrial, type ThreadExploration } from './thread-exploration.ts'
import { failingScheduleOf, type SmallThreadFailure, shrinkThreadFailure } from './thread-failure.ts'
import type { ThreadRepro } from './thread-repro.ts'
import { type ThreadSubject, type ThreadTrial, traceHashOf } from './thread-subject.ts'

export interface ExploreThreadScenarioOptions {
  defect: Defect | null
  /** The URL of the scenario's module. */
  module: string
  /** The file of a user's own scenario, relative to the working directory; null for one of the package's own. */
  file: string | null
  seed: number
  /** How many schedules are run at the most. */
  schedules: number
  /** The name of a strategy; null for the portfolio, with a share for going through all orders there are. */
  strategy: string | null
  /** The folder for the history and the repro; it is made when it is missing. */
  runDir: string
  /** Ends the run: what was seen until then is told. */
  signal: AbortSignal
  progress(progress: ThreadsProgress): void
  /** The command that runs it again, for the record. */
  replayCommand: string
}

const historyName = 'history.jsonl'

/** A failure that was made small, told and saved. */
interface Saved {
  readonly trial: ThreadTrial
  readonly story: string
  readonly repro: string
  readonly switches: number
  readonly workers: Confirmation
  readonly replay: string
}

/**
 * Explores a scenario of threads: runs schedules until one is wrong, all have been run, or as many as were asked for are
 * done, and makes what failed small. The history of the schedule to tell of, and the repro, are written to `runDir`.
 *
 * Throws `ERR_SCENARIO_INVALID` when its threads cannot be run, `ERR_UNKNOWN_NAME` for a strategy that does not exist, and
 * `ERR_OUTPUT` when nothing can be written.
 */
export async function exploreThreadScenario(
  scenario: AnyThreadScenario,
  options: ExploreThreadScenarioOptions,
): Promise<ScenarioRun> {
  const startedMs = performance.now()
  const subject = await loadThreadSubject(scenario, options.defect)
  const { seed, schedules: most, signal, progress } = options
  const exploration = await exploreThreadSubject(subject, {
    ...options,
    progress: (schedules) => progress({ world: 'threads', doing: 'exploring', schedules, most }),
  })
  const { failed, first } = exploration
  if (failed !== null) progress({ world: 'threads', doing: 'shrinking', schedules: exploration.schedules, most })
  const saved = failed === null ? null : await save(subject, failed, options)
  const told = saved?.trial ?? failed?.trial ?? first
  await writeHistory(options.runDir, told)
  return summarize(told?.history ?? [], judgementOf(scenario, told), {
    scenario,
    world: 'threads',
    defect: options.defect?.name ?? null,
    seed,
    clients: scenario.threads.length,
    rounds: exploration.schedules,
    durationMs: Math.round(performance.now() - startedMs),
    history: historyName,
    replay: saved?.replay ?? options.replayCommand,
    notes: notesOf(exploration, saved, signal),
    inconclusive: exploration.verdict !== 'valid' || signal.aborted,
    explored: {
      ...exploration,
      story: saved?.story ?? null,
      failing: saved === null ? null : failingScheduleOf(saved.trial),
      workers: saved?.workers ?? null,
      failure: failed === null ? null : { seed, repro: saved?.repro ?? null, holds: saved?.switches ?? null },
    },
  })
}

/** Null when the failure cannot be repeated: then something beside the schedule decides. */
async function save(
  subject: ThreadSubject,
  failed: FailedTrial,
  options: ExploreThreadScenarioOptions,
): Promise<Saved | null> {
  const small = await shrinkThreadFailure(subject, failed.trial, options)
  if (small === null) return null
  const workers = await confirmThreadFailure(subject, small.trial, options)
  const repro = reproOf(subject.scenario, { ...small, workers }, failed, options)
  const path = join(options.runDir, reproName(repro))
  await writeWhole(path, `${JSON.stringify(repro, null, 2)}\n`)
  const replay = replayReproCommand(fromHere(path))
  const { schedule, strategy } = failed
  const found = { number: schedule, of: options.schedules, strategy }
  const story = tellThreadFailure(subject.scenario, small.trial, { found, seed: options.seed, replay, workers })
  return { trial: small.trial, story, repro: reproName(repro), switches: small.switches, workers, replay }
}

function reproOf(
  { name, target }: AnyThreadScenario,
  { trial, switches, workers }: SmallThreadFailure & { workers: Confirmation },
  { strategy }: FailedTrial,
  { module, file, defect, seed }: ExploreThreadScenarioOptions,
): ThreadRepro {
  const { check = '', message = '' } = trial.findings[0] ?? {}
  return {
    version: 1,
    world: 'threads',
    scenario: name,
    file,
    target: target.name,
    defect: defect?.name ?? null,
    seed,
    choices: choicesToken(trial.choices),
    switches,
    strategy,
    finding: { check, message },
    workers,
    traceHash: traceHashOf(trial),
    scenarioHash: scenarioHash(module),
    versions: { raceproof: raceproofVersion(), node: process.version },
  }
}

/** The checks' words on the schedule to tell of, and what was found in it besides. */
function judgementOf({ checks }: AnyThreadScenario, trial: ThreadTrial | null): RunJudgement {
  if (trial === null) return judgeAll(checks, [])
  const { verdict, results, findings } = trial
  return { verdict: mergeVerdicts([verdict]), results: [...results], findings: [...findings] }
}

function notesOf({ schedules, failed }: ThreadExploration, saved: Saved | null, signal: AbortSignal) {
  const cut = signal.aborted ? [`The run was interrupted after ${schedules} schedules.`] : []
  if (failed === null) return cut
  const lost = saved === null ? ['The failing schedule did not fail again, so that something beside it decides.'] : []
  return [...cut, `Schedule ${failed.schedule} failed first, in ${failed.strategy} order.`, ...lost]
}

async function writeHistory(runDir: string, trial: ThreadTrial | null): Promise<void> {
  const path = join(runDir, historyName)
  try {
    await makeFolder(runDir)
    await writeFile(path, (trial?.history ?? []).map((event) => `${JSON.stringify(event)}\n`).join(''))
  } catch (error) {
    throw new HarnessError('ERR_OUTPUT', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}

/** A path as one would type it. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}
