import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { judgeAll, type RunJudgement, withFindings } from '../../check/judge.ts'
import { mergeVerdicts } from '../../check/verdict.ts'
import { entry } from '../../entry.ts'
import { HarnessError, messageOf } from '../../errors.ts'
import type { Exploration } from '../../explore/exploration.ts'
import { explorePool } from '../../explore/pool.ts'
import type { Judged } from '../../explore/subject.ts'
import type { WorkerStock } from '../../explore/worker-stock.ts'
import type { ScenarioRun } from '../../record.ts'
import type { AnyScenario } from '../../scenario.ts'
import { makeFolder } from '../make-folder.ts'
import type { SimProgress } from '../progress.ts'
import { summarize } from '../summarize.ts'
import type { ScenarioSpec } from './load-subject.ts'
import { type Told, tellSchedule } from './tell-schedule.ts'

export interface ExploreScenarioOptions {
  spec: ScenarioSpec
  /** The file of a user's own scenario, relative to the working directory; null for one of the package's own. */
  file: string | null
  seed: number
  clients: number
  /** How many schedules are run at the most. */
  schedules: number
  /** The name of a strategy, or of the portfolio. */
  strategy: string
  /** Where the threads come from that run the schedules, and where they are left. */
  stock: WorkerStock
  /** The folder for the history and the repro; it is made when it is missing. */
  runDir: string
  /** Ends the run: what was seen until then is told. */
  signal: AbortSignal
  progress(progress: SimProgress): void
  /** The command that runs it again, for the record. */
  replayCommand: string
}

const historyName = 'history.jsonl'

/** More threads than this would only share the memory's speed. */
const workersAtMost = 8

/**
 * Explores a scenario in the simulated world, on other threads: runs schedules until one is wrong, or as many as were
 * asked for are done, and makes what failed small. The history of the schedule to tell of is written to `runDir`.
 *
 * Throws `ERR_SCENARIO_INVALID`, `ERR_TARGET_START`, `ERR_TARGET_NOT_READY` and `ERR_WORLD_UNSUPPORTED` when scenario and
 * target cannot be simulated, `ERR_NONDETERMINISM`, and `ERR_OUTPUT` when the history cannot be written.
 */
export async function exploreScenario(scenario: AnyScenario, options: ExploreScenarioOptions): Promise<ScenarioRun> {
  const startedMs = performance.now()
  const exploration = await explore(options)
  const told = await tell(scenario, exploration, options)
  await writeHistory(options.runDir, told?.judged ?? null)
  const small = told?.failure ?? null
  const run = summarize(told?.judged.history ?? [], judgementOf(scenario, told), {
    scenario,
    world: 'sim',
    defect: options.spec.defect,
    seed: options.seed,
    clients: options.clients,
    rounds: exploration.schedules,
    durationMs: Math.round(performance.now() - startedMs),
    history: historyName,
    replay: small?.replay ?? options.replayCommand,
    notes: [...notesOf(exploration, options), ...(told?.notes ?? [])],
    inconclusive: exploration.verdict !== 'valid' || options.signal.aborted,
    explored: {
      ...exploration,
      story: small?.story ?? null,
      failing: small?.failing ?? null,
      workers: null,
      failure: null,
    },
  })
  // What shows a finding again is not the same for all of them.
  return { ...run, findings: told?.findings ?? [] }
}

function explore(options: ExploreScenarioOptions): Promise<Exploration> {
  const { spec, seed, schedules, strategy, stock, signal, progress } = options
  return explorePool({
    spec: { module: pathToFileURL(entry('harness/run/sim/load-subject')).href, input: spec },
    seed,
    schedules,
    strategy,
    stock,
    workers: Math.min(workersAtMost, availableParallelism()),
    signal,
    progress: (done) => progress({ world: 'sim', doing: 'exploring', schedules: done, most: schedules }),
  })
}

function tell(scenario: AnyScenario, exploration: Exploration, options: ExploreScenarioOptions): Promise<Told | null> {
  if (exploration.invalid > 0) {
    const { schedules: most, progress } = options
    progress({ world: 'sim', doing: 'shrinking', schedules: exploration.schedules, most })
  }
  return tellSchedule(scenario, exploration, options)
}

/** The checks' words on the schedule to tell of, and what else was found. */
function judgementOf({ checks }: AnyScenario, told: Told | null): RunJudgement {
  if (told === null) return judgeAll(checks, [])
  const { judged, findings } = told
  const found = withFindings(judgeAll(checks, judged.history), findings)
  return { ...found, verdict: mergeVerdicts([found.verdict, judged.verdict]) }
}

function notesOf(exploration: Exploration, { signal }: ExploreScenarioOptions): string[] {
  const { told, schedules, unknown, saturated, interrupted, note } = exploration
  const aborted = signal.aborted && !interrupted ? ['It was interrupted while its failure was made small.'] : []
  const cut = [...(note === null ? [] : [note]), ...aborted]
  const which = told && `Schedule ${told.index + 1}`
  if (told?.verdict === 'invalid') return [...cut, `${which} failed first, in ${told.strategy} order.`]
  if (told) return [...cut, `${which} is the first of ${unknown} that prove nothing, in ${told.strategy} order.`]
  if (!saturated) return cut
  return [...cut, `New orders stopped coming long before schedule ${schedules}: more would show little more.`]
}

async function writeHistory(runDir: string, judged: Judged | null): Promise<void> {
  const path = join(runDir, historyName)
  const lines = (judged?.history ?? []).map((event) => `${JSON.stringify(event)}\n`)
  try {
    await makeFolder(runDir)
    await writeFile(path, lines.join(''))
  } catch (error) {
    throw new HarnessError('ERR_OUTPUT', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}
