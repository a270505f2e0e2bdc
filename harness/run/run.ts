import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import { mergeVerdicts, type Verdict } from '../check/verdict.ts'
import { messageOf } from '../errors.ts'
import { WorkerStock } from '../explore/worker-stock.ts'
import type { RunRecord, Saturation, ScenarioRun } from '../record.ts'
import type { AnyScenario } from '../scenario.ts'
import type { AnyTarget } from '../target.ts'
import type { AnyThreadScenario } from '../thread-scenario.ts'
import { profile } from './clinic.ts'
import type { Progress } from './progress.ts'
import { replayCommand } from './replay-command.ts'
import { RunFolder } from './run-folder.ts'
import { saturateTarget } from './saturate.ts'
import type { Selected, Selection } from './select.ts'
import { exploreScenario } from './sim/explore-scenario.ts'
import { StressCutOff, stress } from './stress.ts'
import { exploreThreadScenario } from './threads/explore-thread-scenario.ts'

/** One invocation of `raceproof run`. */
export interface RunOptions extends Selection {
  seed: number
  /** Override the scenarios' scale. */
  clients: number | undefined
  seconds: number | undefined
  schedules: number | undefined
  /** What picks the order of events, where that is controlled. */
  strategy: string | undefined
  /** The target as the command line names it, so that replay commands can repeat it. */
  target: string | undefined
  /** Profile the targets with clinic as well. */
  clinic: boolean
  /** Where the run is written; a new folder below `parentFolder` when it is left out. */
  folder: string | undefined
  parentFolder: string
  /** Ends the run in order: what was seen until then is judged and written. */
  signal: AbortSignal
  /** Where the run is written, as soon as that is known. */
  started(folder: string): void
  /** What is going on; null when it has no phases to tell. */
  progress(what: string, progress: Progress | null): void
}

/** A finished run: its folder, its verdict, and what ended it early. */
export interface Outcome {
  folder: string
  verdict: Verdict
  /** Why the harness could not go on, or null; the record holds what was seen until then. */
  error: unknown
}

/** How long the storm lasts that clinic watches; one run of it is enough for a profile. */
const profiledSeconds = 5

/** How many orders are tried of a scenario that does not say. */
const usualSchedules = 30

/** How many are run of a scenario of threads, which has far more of them and takes far less time for each. */
const usualThreadSchedules = 1_000

type SelectedClients = Selected & { scenario: AnyScenario }
type SelectedThreads = Selected & { scenario: AnyThreadScenario }

const stillRunning = 'The run has not ended: this record was written while it was going on, or it was cut off.'

/**
 * Runs every selected scenario, and writes `run.json` after each, so that whatever happens a readable record is left.
 * Throws `ERR_OUTPUT` when the record cannot be written; before anything is started, if that shows then.
 */
export async function run(options: RunOptions): Promise<Outcome> {
  const record = newRecord(options.seed)
  const { folder } = options
  const invocation = new Invocation(
    options,
    record,
    folder === undefined ? await RunFolder.unique(options.parentFolder, record) : await RunFolder.at(folder),
  )
  return invocation.run()
}

/** One invocation, with the record that grows while it goes on. */
class Invocation {
  readonly #options: RunOptions
  readonly #record: RunRecord
  readonly #folder: RunFolder
  readonly #startedMs = performance.now()
  /** The threads of one simulated scenario are there for the next. */
  readonly #stock = new WorkerStock()
  #error: unknown = null

  constructor(options: RunOptions, record: RunRecord, folder: RunFolder) {
    this.#options = options
    this.#record = record
    this.#folder = folder
  }

  async run(): Promise<Outcome> {
    await this.#saveUnfinished()
    this.#options.started(this.#folder.path)
    try {
      await this.#runAll()
    } catch (thrown) {
      this.#error = thrown
      this.#record.notes.push(`The run ended early: ${messageOf(thrown)}`)
    } finally {
      await this.#stock.end()
    }
    this.#noteSkipped()
    await this.#save(this.#record)
    return { folder: this.#folder.path, verdict: this.#record.verdict, error: this.#error }
  }

  async #runAll(): Promise<void> {
    const { runs, clinic, signal } = this.#options
    for (const selected of runs) {
      if (signal.aborted) return
      await this.#runOne(selected)
      await this.#saveUnfinished()
      if (clinic && selected.world === 'live' && !signal.aborted && hasClients(selected)) await this.#profile(selected)
    }
    const saturable = this.#saturable()
    if (saturable !== undefined && !signal.aborted) await this.#saturate(saturable)
  }

  async #runOne(selected: Selected): Promise<void> {
    const runDir = this.#runDirOf(selected)
    const inFolder = (file: string) => relative(this.#folder.path, join(runDir, file))
    const add = (run: ScenarioRun) =>
      this.#record.runs.push({
        ...run,
        history: inFolder(run.history),
        findings: run.findings.map((finding) => ({ ...finding, repro: finding.repro && inFolder(finding.repro) })),
      })
    try {
      add(await this.#play(selected, runDir))
    } catch (thrown) {
      if (thrown instanceof StressCutOff) add(thrown.run)
      throw thrown
    }
  }

  #play(selected: Selected, runDir: string): Promise<ScenarioRun> {
    if (hasThreads(selected)) return this.#exploreThreads(selected, runDir)
    assert(hasClients(selected))
    return selected.world === 'sim' ? this.#explore(selected, runDir) : this.#stress(selected, runDir, this.#options)
  }

  /** A single run needs no folder of its own. */
  #runDirOf(selected: Pick<Selected, 'scenario' | 'world'>): string {
    return this.#options.runs.length === 1 ? this.#folder.path : join(this.#folder.path, this.#nameOf(selected))
  }

  /** The scenario's name, with the world where it runs in several. */
  #nameOf({ scenario, world }: Pick<Selected, 'scenario' | 'world'>): string {
    const worlds = this.#options.runs.filter((run) => run.scenario.name === scenario.name).length
    return worlds === 1 ? scenario.name : `${scenario.name}-${world}`
  }

  #exploreThreads(selected: SelectedThreads, runDir: string): Promise<ScenarioRun> {
    const { scenario, defect, module, file } = selected
    const { seed, schedules, strategy = null, signal, progress } = this.#options
    const again = {
      ...this.#options,
      ...selected,
      defect: defect?.name ?? null,
      clients: undefined,
      seconds: undefined,
    }
    return exploreThreadScenario(scenario, {
      defect,
      module,
      file: file && relative(process.cwd(), file),
      seed,
      schedules: schedules ?? scenario.scale.threads.schedules ?? usualThreadSchedules,
      strategy,
      signal,
      runDir,
      replayCommand: replayCommand(again),
      progress: (now) => progress(this.#nameOf(selected), now),
    })
  }

  #explore(selected: SelectedClients, runDir: string): Promise<ScenarioRun> {
    const { scenario, defect, module, file } = selected
    const { seed, clients, schedules, strategy = 'portfolio', signal, progress } = this.#options
    const scale = scenario.scale.sim!
    return exploreScenario(scenario, {
      spec: { module, defect: defect?.name ?? null, clients },
      file: file && relative(process.cwd(), file),
      seed,
      clients: clients ?? scale.clients,
      schedules: schedules ?? scale.schedules ?? usualSchedules,
      strategy,
      stock: this.#stock,
      signal,
      runDir,
      replayCommand: replayCommand({ ...this.#options, ...selected, defect: defect?.name ?? null, seconds: undefined }),
      progress: (now) => progress(this.#nameOf(selected), now),
    })
  }

  #stress(
    selected: SelectedClients,
    runDir: string,
    { launch, seconds }: Pick<RunOptions, 'launch' | 'seconds'>,
  ): Promise<ScenarioRun> {
    const { scenario, defect } = selected
    const { seed, clients, signal, progress } = this.#options
    const scale = scenario.scale.live!
    return stress(scenario, {
      defect,
      seed,
      launch,
      signal,
      runDir,
      clients: clients ?? scale.clients,
      seconds: seconds ?? scale.seconds,
      rounds: scale.rounds,
      replayCommand: replayCommand({
        ...this.#options,
        ...selected,
        defect: defect?.name ?? null,
        schedules: undefined,
        strategy: undefined,
      }),
      progress: (phase) => progress(this.#nameOf(selected), phase),
    })
  }

  /** Lets clinic watch the target while one more, short storm of the same scenario drives it. */
  async #profile(selected: SelectedClients): Promise<void> {
    const { scenario } = selected
    const runDir = this.#runDirOf(selected)
    const made =
      this.#options.launch.kind === 'host'
        ? await this.#profileTarget(selected, runDir)
        : { note: 'No profile: clinic can only watch a target that raceproof starts itself.' }
    if ('note' in made) this.#record.notes.push(`${scenario.name}: ${made.note}`)
    else this.#record.runs.at(-1)!.profile = relative(this.#folder.path, join(runDir, made.page))
  }

  #profileTarget(selected: SelectedClients, runDir: string): ReturnType<typeof profile> {
    const { scenario } = selected
    const stormDir = join(runDir, 'profiled')
    this.#options.progress(`${scenario.name} under clinic doctor`, null)
    return profile(scenario.target, runDir, async (url) => {
      // What a profiler slows down is not judged, so its history is of no use to anybody.
      await this.#stress(selected, stormDir, { launch: { kind: 'url', url }, seconds: profiledSeconds }).finally(() =>
        rm(stormDir, { recursive: true, force: true }),
      )
    })
  }

  /** The target whose throughput is measured: the correct one, started by us. */
  #saturable(): AnyTarget | undefined {
    if (this.#options.launch.kind !== 'host') return undefined
    const correct = this.#options.runs.filter(({ defect, world }) => defect === null && world === 'live')
    return correct.map(({ scenario }) => scenario.target).find(({ saturationPath }) => saturationPath !== undefined)
  }

  async #saturate(target: AnyTarget): Promise<void> {
    this.#options.progress(`saturation of ${target.name}`, null)
    const saturation = await saturateTarget(target, target.saturationPath!)
    this.#record.saturation = saturation
    if (failedRequests(saturation) > 0) this.#record.notes.push(saturationNote(saturation))
  }

  #noteSkipped(): void {
    const { runs, signal } = this.#options
    const skipped = runs.slice(this.#record.runs.length).map((selected) => this.#nameOf(selected))
    if (signal.aborted) this.#record.notes.push('The run was interrupted; what had been seen until then was judged.')
    if (skipped.length > 0) this.#record.notes.push(`Not run: ${skipped.join(', ')}.`)
  }

  /** Whether everything that was asked for was done; else the best verdict is `unknown`. */
  get #complete(): boolean {
    const { runs, signal } = this.#options
    return this.#error === null && !signal.aborted && this.#record.runs.length === runs.length
  }

  async #saveUnfinished(): Promise<void> {
    const { runs, notes } = this.#record
    const verdict = mergeVerdicts(['unknown', ...runs.map((run) => run.verdict)])
    await this.#save({ ...this.#record, verdict, notes: [...notes, stillRunning] })
  }

  async #save(record: RunRecord): Promise<void> {
    this.#record.durationMs = Math.round(performance.now() - this.#startedMs)
    this.#record.verdict = this.#verdict()
    await this.#folder.save(record)
  }

  #verdict(): Verdict {
    const { runs, saturation } = this.#record
    const saturated = saturation === null || failedRequests(saturation) === 0
    const verdicts = runs.map(({ verdict }) => verdict)
    return mergeVerdicts([...verdicts, saturated ? 'valid' : 'invalid', this.#complete ? 'valid' : 'unknown'])
  }
}

function hasClients(selected: Selected): selected is SelectedClients {
  return selected.scenario.kind === 'scenario'
}

function hasThreads(selected: Selected): selected is SelectedThreads {
  return selected.scenario.kind === 'thread-scenario'
}

function failedRequests({ non2xx, errors }: Saturation): number {
  return non2xx + errors
}

function saturationNote({ url, requests, non2xx, errors }: Saturation): string {
  return `Of ${requests} requests that saturated ${url}, ${non2xx} were answered without success and ${errors} not at all; all should have succeeded.`
}

function newRecord(seed: number): RunRecord {
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
      memoryMiB: Math.round(totalmem() / 2 ** 20),
    },
    runs: [],
    saturation: null,
    notes: [],
  }
}
