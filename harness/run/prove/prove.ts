import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Verdict } from '../../check/verdict.ts'
import { entry } from '../../entry.ts'
import { messageOf } from '../../errors.ts'
import type { DefectProof, ProveRecord, SilenceProof } from '../../proof.ts'
import type { WorldName } from '../../worlds.ts'
import { bundledScenarios } from '../load-scenario.ts'
import { TaskProcess } from '../task-process.ts'
import { type Needed, proofOf } from './catch-claim.ts'
import { type Claim, claimsOf, type Silence } from './claims.ts'
import type { ProofProcess } from './proof-task.ts'
import { type LiveEvidence, proveLive, silentLive } from './prove-live.ts'
import { proveScheduled, type ScheduledEvidence, silentScheduled } from './prove-scheduled.ts'

export interface ProveOptions {
  /** Names of defects; none means all. */
  defects: readonly string[]
  /** One world, or `all`. */
  world: string
  /** How many seeds try to find each defect. */
  seeds: number
  /** For a gate: fewer replays, fewer schedules of the correct targets, and live only when that world is asked for. */
  quick: boolean
  /** Ends it in order: what was shown until then is told. */
  signal: AbortSignal
  /** What has just been shown, and how much there is to show. */
  progress(what: string, done: number, of: number): void
}

/** One thing to show, with what does it. */
interface Job {
  readonly what: string
  run(process: ProofProcess): Promise<void>
  /** Records that it could not be shown. */
  missing(why: string): void
}

const usualEvidence = { schedules: 10_000, replays: 20, silentSchedules: 1_000 }
const quickEvidence = { replays: 5, silentSchedules: 60 }
const worker = entry('harness/run/prove/proof-worker')
const register = entry('harness/register')
const liveSeconds = 10

/**
 * Shows that every defect is caught in every world that it names, by a check that may catch it, and that the correct targets
 * raise nothing under the same scenarios. Nothing is left of the processes that this takes.
 *
 * Throws `ERR_UNKNOWN_NAME` for a defect that nobody has, and `ERR_WORLD_UNSUPPORTED` when there is nothing to show.
 */
export async function prove(options: ProveOptions): Promise<ProveRecord> {
  const startedMs = performance.now()
  const { claims, silences } = claimsOf(await bundledScenarios(), options)
  const isWanted = ({ world }: { world: WorldName }) => !options.quick || options.world !== 'all' || world !== 'live'
  const folder = await mkdtemp(join(tmpdir(), 'raceproof-prove-'))
  const proving = new Proving(options, folder)
  try {
    await proving.run(claims.filter(isWanted), silences.filter(isWanted))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return proving.record(Math.round(performance.now() - startedMs))
}

class Proving {
  readonly #options: ProveOptions
  readonly #scheduled: ScheduledEvidence
  readonly #live: LiveEvidence
  readonly #defects: DefectProof[] = []
  readonly #silent: SilenceProof[] = []
  readonly #notes: string[] = []
  #done = 0
  #of = 0

  constructor(options: ProveOptions, folder: string) {
    this.#options = options
    this.#scheduled = { ...usualEvidence, ...(options.quick ? quickEvidence : {}), seeds: firstSeeds(options.seeds) }
    this.#live = { seconds: liveSeconds, folder, signal: options.signal }
  }

  async run(claims: readonly Claim[], silences: readonly Silence[]): Promise<void> {
    this.#of = claims.length + silences.length
    const isLive = ({ world }: { world: WorldName }) => world === 'live'
    const isScheduled = ({ world }: { world: WorldName }) => world !== 'live'
    // A defect that is missed takes longest, and whoever waits wants to know it first.
    const scheduled = [
      ...this.#claimJobs(claims.filter(isScheduled)),
      ...this.#silenceJobs(silences.filter(isScheduled)),
    ]
    await this.#work(scheduled, availableParallelism())
    // One live run after the other: what ran beside one would disturb it.
    await this.#work([...this.#claimJobs(claims.filter(isLive)), ...this.#silenceJobs(silences.filter(isLive))], 1)
  }

  record(durationMs: number): ProveRecord {
    const [defects, silent] = [[...this.#defects].sort(byName), [...this.#silent].sort(byScenario)]
    if (this.#done < this.#of) this.#notes.push(`Interrupted: ${this.#of - this.#done} of ${this.#of} were not shown.`)
    return { verdict: this.#verdict(), seeds: this.#options.seeds, durationMs, defects, silent, notes: this.#notes }
  }

  #verdict(): Verdict {
    if (this.#defects.some(({ caught }) => !caught) || this.#silent.some(({ alarms }) => alarms > 0)) return 'invalid'
    const isBlind = this.#silent.some(({ schedules, unjudged }) => unjudged === schedules)
    return isBlind || this.#done < this.#of ? 'unknown' : 'valid'
  }

  async #work(jobs: readonly Job[], processes: number): Promise<void> {
    const next = jobs.values()
    await Promise.all(Array.from({ length: Math.min(processes, jobs.length) }, () => this.#workOff(next)))
  }

  async #workOff(jobs: Iterable<Job>): Promise<void> {
    const process: ProofProcess = new TaskProcess({ worker, register })
    const end = () => process.end()
    this.#options.signal.addEventListener('abort', end)
    try {
      for (const job of jobs) {
        if (this.#options.signal.aborted) return
        await job.run(process).catch((error: unknown) => this.#failed(job, error))
        if (this.#options.signal.aborted) return
        this.#options.progress(job.what, ++this.#done, this.#of)
      }
    } finally {
      this.#options.signal.removeEventListener('abort', end)
      process.end()
    }
  }

  #failed({ what, missing }: Job, error: unknown): void {
    if (this.#options.signal.aborted) return
    this.#notes.push(`${what}: ${messageOf(error)}`)
    missing(messageOf(error))
  }

  #claimJobs(claims: readonly Claim[]): Job[] {
    return claims.map((claim) => ({
      what: `${claim.defect.name} (${claim.world})`,
      run: async (process) => void this.#defects.push(await this.#prove(process, claim)),
      missing: (why) => void this.#defects.push({ ...proofOf(claim, null, this.#notShown(claim)), missing: why }),
    }))
  }

  #prove(process: ProofProcess, claim: Claim): Promise<DefectProof> {
    if (claim.world !== 'live') return proveScheduled(process, claim, this.#scheduled)
    return proveLive(claim, firstSeeds(this.#options.quick ? 1 : claim.defect.liveRuns), this.#live)
  }

  #notShown({ world }: Claim): Needed {
    return { replays: world === 'live' ? null : this.#scheduled.replays, within: '' }
  }

  #silenceJobs(silences: readonly Silence[]): Job[] {
    return silences.map((silence) => ({
      what: `${silence.loaded.scenario.name} on the correct ${silence.loaded.scenario.target.name} (${silence.world})`,
      run: async (process) => void this.#silent.push(await this.#listen(process, silence)),
      missing: (why) => void this.#silent.push(alarmed(silence, why)),
    }))
  }

  #listen(process: ProofProcess, silence: Silence): Promise<SilenceProof> {
    return silence.world === 'live'
      ? silentLive(silence, this.#live)
      : silentScheduled(process, silence, this.#scheduled)
  }
}

function firstSeeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function alarmed({ world, loaded: { scenario } }: Silence, alarm: string): SilenceProof {
  return { target: scenario.target.name, scenario: scenario.name, world, schedules: 0, alarms: 1, unjudged: 0, alarm }
}

function byName(a: DefectProof, b: DefectProof): number {
  return compare(`${a.target} ${a.name} ${a.world}`, `${b.target} ${b.name} ${b.world}`)
}

function byScenario(a: SilenceProof, b: SilenceProof): number {
  return compare(`${a.target} ${a.scenario} ${a.world}`, `${b.target} ${b.scenario} ${b.world}`)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
