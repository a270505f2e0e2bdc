import { availableParallelism, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import { mergeVerdicts, type Verdict } from '../check/verdict.ts'
import type { RunRecord, Saturation, ScenarioRun } from '../record.ts'
import type { Scenario, WorldName } from '../scenario.ts'
import { profile } from './clinic.ts'
import { RunFolder } from './run-folder.ts'
import { saturateTarget } from './saturate.ts'
import type { Selection } from './select.ts'
import { type Progress, StressCutOff, stress } from './stress.ts'

/** One invocation of `raceproof run`. */
export interface RunOptions extends Selection {
  seed: number
  /** Override the scenarios' scale. */
  clients: number | undefined
  seconds: number | undefined
  /** Names the target, where it is not the scenario's own, so that replay commands can repeat it. */
  target: string | undefined
  /** Profile the target with clinic after the runs. */
  clinic: boolean
  folder: string
  signal: AbortSignal
  /** What is going on; null when it has no phases to tell. */
  progress(what: string, progress: Progress | null): void
}

/** A finished run: its record, its folder, and what ended it early. */
export interface Outcome {
  record: RunRecord
  folder: string
  /** Why the harness could not go on; the record holds what was seen until then. */
  error: unknown
}

/** How long the storm lasts that clinic watches; one run of it is enough for a profile. */
const profiledSeconds = 5

const running = 'The run has not ended: this record was written while it was going on, or it was cut off.'

/**
 * Runs every selected scenario in every selected world that it has, and writes `run.json` after each, so that whatever
 * happens a readable record is left. Throws `ERR_OUTPUT` when the folder cannot be written, before anything is started.
 */
export async function run(options: RunOptions): Promise<Outcome> {
  const record = newRecord(options.seed)
  const folder = await RunFolder.make(options.folder, { ...record, notes: [running] })
  const startedMs = performance.now()
  const save = (notes: string[]) => {
    record.verdict = verdictOf(record)
    record.durationMs = Math.round(performance.now() - startedMs)
    return folder.save({ ...record, notes: [...record.notes, ...notes] })
  }
  let error: unknown = null
  try {
    await runAll(options, record, folder.path, () => save([running]))
  } catch (thrown) {
    error = thrown
    if (thrown instanceof StressCutOff) record.runs.push(thrown.run)
    record.notes.push(`The run ended early: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
  if (options.signal.aborted) record.notes.push('The run was interrupted; what had been seen until then was judged.')
  await save([])
  return { record, folder: folder.path, error }
}

async function runAll(
  options: RunOptions,
  record: RunRecord,
  folder: string,
  save: () => Promise<void>,
): Promise<void> {
  const pairs = options.scenarios.flatMap((scenario) =>
    worldsOf(scenario, options).map((world) => ({ scenario, world })),
  )
  for (const { scenario } of pairs) {
    if (options.signal.aborted) return
    const runDir = pairs.length === 1 ? folder : join(folder, scenario.name)
    const result = await runLive(scenario, options, runDir)
    record.runs.push({ ...result, history: relative(folder, join(runDir, 'history.jsonl')) })
    if (options.clinic) await addProfile(scenario, options, record, folder, runDir)
    await save()
  }
  const saturable = options.scenarios.find(({ target }) => target.saturationPath !== undefined)
  if (saturable !== undefined && options.launch.kind === 'host' && options.defect === null && !options.signal.aborted) {
    options.progress('saturation', null)
    record.saturation = await saturateTarget(saturable.target, saturable.target.saturationPath!)
    record.notes.push(...saturationNotes(record.saturation))
  }
}

function worldsOf({ scale }: Scenario, { worlds }: Selection): WorldName[] {
  return worlds.filter((world) => world in scale)
}

function runLive(scenario: Scenario, options: RunOptions, runDir: string): Promise<ScenarioRun> {
  const scale = scenario.scale.live!
  const { seed, defect, launch, signal } = options
  return stress(scenario, {
    defect,
    seed,
    launch,
    signal,
    runDir,
    clients: options.clients ?? scale.clients,
    seconds: options.seconds ?? scale.seconds,
    rounds: scale.rounds,
    replayCommand: replayCommand(scenario, options),
    progress: (progress) => options.progress(scenario.name, progress),
  })
}

/** Lets clinic watch the target while one more, short storm of the same scenario drives it. */
async function addProfile(
  scenario: Scenario,
  options: RunOptions,
  record: RunRecord,
  folder: string,
  runDir: string,
): Promise<void> {
  options.progress(`${scenario.name} under clinic`, null)
  const made = await profile(scenario.target, runDir, async (url) => {
    const storm = { ...options, launch: { kind: 'url', url } as const, seconds: profiledSeconds }
    await runLive(scenario, storm, join(runDir, 'profiled'))
  })
  if ('note' in made) record.notes.push(`${scenario.name}: ${made.note}`)
  else record.runs.at(-1)!.profile = relative(folder, join(runDir, made.page))
}

/** The command that runs one scenario again. Live, the same seed draws the same data and faults, but not the same order. */
function replayCommand(scenario: Scenario, { seed, defect, clients, seconds, target }: RunOptions): string {
  const flags = Object.entries({ seed, defect: defect?.name, clients, seconds, target })
    .filter(([, value]) => value !== undefined)
    .map(([flag, value]) => `--${flag} ${/\s/.test(String(value)) ? `'${value}'` : value}`)
  return ['raceproof run', scenario.name, '--world live', ...flags].join(' ')
}

function saturationNotes({ url, non2xx, errors }: Saturation): string[] {
  if (non2xx + errors === 0) return []
  return [
    `Saturation of ${url}: ${non2xx} answers were no success and ${errors} requests failed; all should have succeeded.`,
  ]
}

function verdictOf({ runs, saturation }: RunRecord): Verdict {
  const saturated = saturation === null || saturation.non2xx + saturation.errors === 0
  return runs.length === 0
    ? 'unknown'
    : mergeVerdicts([...runs.map(({ verdict }) => verdict), saturated ? 'valid' : 'invalid'])
}

function newRecord(seed: number): RunRecord {
  const memoryMiB = Math.round(totalmem() / 2 ** 20)
  return {
    version: 1,
    verdict: 'unknown',
    seed,
    startedAt: new Date().toISOString(),
    durationMs: 0,
    machine: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpus: availableParallelism(),
      memoryMiB,
    },
    runs: [],
    saturation: null,
    notes: [],
  }
}
