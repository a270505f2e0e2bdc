import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { judgeAll, type RunJudgement } from '../../check/judge.ts'
import { mergeVerdicts } from '../../check/verdict.ts'
import { entry } from '../../entry.ts'
import { HarnessError, messageOf } from '../../errors.ts'
import type { Judged } from '../../explore/subject.ts'
import type { ScenarioRun } from '../../record.ts'
import type { AnyScenario } from '../../scenario.ts'
import { makeFolder } from '../make-folder.ts'
import type { SimProgress } from '../progress.ts'
import { summarize } from '../summarize.ts'
import type { ExplorationNews, ExplorationTask, Explored } from './exploration-task.ts'

export interface ExploreScenarioOptions extends ExplorationTask {
  clients: number
  /** The folder for the history; it is made when it is missing. */
  runDir: string
  /** Ends the run: what was seen until then is told. */
  signal: AbortSignal
  progress(progress: SimProgress): void
  /** The command that runs it again, for the record. */
  replayCommand: string
}

const historyName = 'history.jsonl'

/** What an interrupted exploration has to tell. */
const nothing = { schedules: 0, distinct: 0, exhausted: false, traceHash: '', calls: 0 }

/**
 * Explores a scenario in the simulated world, on a thread of its own: runs schedules until one is wrong, or as many as
 * were asked for are done. The history of the schedule to tell of is written to `runDir`.
 *
 * Throws `ERR_SCENARIO_INVALID`, `ERR_TARGET_START`, `ERR_TARGET_NOT_READY` and `ERR_WORLD_UNSUPPORTED` when scenario and
 * target cannot be simulated, and `ERR_OUTPUT` when the history cannot be written.
 */
export async function exploreScenario(scenario: AnyScenario, options: ExploreScenarioOptions): Promise<ScenarioRun> {
  const startedMs = performance.now()
  const explored = await onThread(options)
  const judged = explored?.judged ?? null
  await writeHistory(options.runDir, judged)
  return summarize(judged?.history ?? [], judgementOf(scenario, judged), {
    scenario,
    world: 'sim',
    defect: options.spec.defect,
    seed: options.seed,
    clients: options.clients,
    rounds: explored?.exploration.schedules ?? 0,
    durationMs: Math.round(performance.now() - startedMs),
    history: historyName,
    replay: options.replayCommand,
    notes: notesOf(explored),
    inconclusive: explored?.exploration.verdict !== 'valid',
    explored: { ...(explored?.exploration ?? nothing), failure: failureOf(explored) },
  })
}

/** Resolves with what was explored; null when the signal ended it. */
function onThread({
  spec,
  seed,
  schedules,
  strategy,
  signal,
  progress,
}: ExploreScenarioOptions): Promise<Explored | null> {
  const task: ExplorationTask = { spec, seed, schedules, strategy }
  const worker = new Worker(entry('harness/run/sim/exploring-worker'), {
    workerData: task,
    execArgv: ['--import', pathToFileURL(entry('harness/register')).href],
    // What the target writes is no part of the harness' own output.
    stdout: true,
    stderr: true,
  })
  worker.stdout.resume()
  worker.stderr.resume()
  return new Promise<Explored | null>((resolve, reject) => {
    const interrupt = () => resolve(null)
    if (signal.aborted) interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    worker.on('message', (news: ExplorationNews) => {
      if (news.type === 'progress')
        progress({ world: 'sim', doing: 'exploring', schedules: news.schedules, most: schedules })
      else if (news.type === 'done') resolve(news.explored)
      else reject(new HarnessError(news.code, news.message))
    })
    worker.once('error', (error) => reject(threadDied(messageOf(error))))
    worker.once('exit', (code) => reject(threadDied(`it ended with code ${code}`)))
  }).finally(() => worker.terminate())
}

function threadDied(how: string): HarnessError {
  return new HarnessError('ERR_INTERNAL', `the thread that explored the scenario died: ${how}`)
}

/** The checks' words on the schedule to tell of, and what the schedule met besides. */
function judgementOf({ checks }: AnyScenario, judged: Judged | null): RunJudgement {
  const judgement = judgeAll(checks, judged?.history ?? [])
  if (judged === null) return judgement
  return { ...judgement, verdict: mergeVerdicts([judgement.verdict, judged.verdict]), findings: [...judged.findings] }
}

function failureOf(explored: Explored | null): { seed: number; repro: null; holds: null } | null {
  const told = explored?.exploration.told ?? null
  return told === null ? null : { seed: told.seed, repro: null, holds: null }
}

function notesOf(explored: Explored | null): string[] {
  if (explored === null) return ['The run was interrupted before it had explored what was asked for.']
  const { told, schedules, saturated } = explored.exploration
  if (told !== null)
    return [`Schedule ${told.index + 1} is told here, in ${told.strategy} order with seed ${told.seed}.`]
  return saturated ? [`New orders stopped coming long before schedule ${schedules}: more would show little more.`] : []
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
