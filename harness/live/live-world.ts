import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RoundClientContext, type RoundResources } from '../client/client-context.ts'
import { partsWith } from '../defect.ts'
import type { AuditEvent } from '../history/event.ts'
import type { Random } from '../random.ts'
import { type KnownCounts, untilAtRest, withCounts } from './leak-probe/at-rest.ts'
import type { Census } from './leak-probe/leak-probe.ts'
import { LiveTarget, type LiveTargetOptions } from './live-target.ts'
import { FaultProxy } from './proxy/fault-proxy.ts'
import { StormFaults } from './storm-faults.ts'
import type { Exit } from './target-process.ts'
import { startWarden, type Warden } from './warden-process.ts'

export interface LiveWorldOptions extends Omit<LiveTargetOptions, 'mark' | 'dataDir'> {
  random: Random
}

/** The clients of one round. */
export interface RoundClients {
  contexts: RoundClientContext[]
  /** What their calls threw; it is in the record. */
  recordedErrors: WeakSet<object>
  /** Aborted when the round is over. */
  signal: AbortSignal
  /** Ends the round: open calls end with this reason, and every connection is closed. */
  end(reason: Error): void
}

/**
 * A real target in a process of its own, a fault proxy in front of it, and real sockets between.
 *
 *     clients ── sockets ──▶ fault proxy ──▶ target ◀── debugger ── leak probe
 *                                              │ └── IPC ──▶ probe feed ──▶ recorder
 *     warden (outlives the harness) ── kills ──┘
 */
export class LiveWorld {
  readonly faults: StormFaults
  readonly #options: LiveWorldOptions
  readonly #target: LiveTarget
  readonly #proxy: FaultProxy | null
  readonly #clearAway: () => Promise<void>
  /** The counts that a target at rest need not fall below: those before the first round, and the highest since. */
  #known: KnownCounts = { baseline: {}, highest: {} }

  private constructor(
    options: LiveWorldOptions,
    target: LiveTarget,
    proxy: FaultProxy | null,
    clear: () => Promise<void>,
  ) {
    this.#options = options
    this.#target = target
    this.#proxy = proxy
    this.#clearAway = clear
    const { recorder } = options
    this.faults = new StormFaults({ proxy, process: target.faultable }, (event) =>
      recorder.write({ type: 'fault', timeMs: recorder.timeMs(), ...event }),
    )
  }

  /** Starts the target. Whatever fails, nothing is left of it. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  static async boot(options: LiveWorldOptions): Promise<LiveWorld> {
    const mark = randomUUID()
    const dataDir = await mkdtemp(join(tmpdir(), 'raceproof-'))
    const warden = startWarden({ mark, tempDir: dataDir })
    const target = new LiveTarget({ ...options, mark, dataDir })
    try {
      await target.launch()
      const random = options.random.fork('proxy')
      const proxy = target.url === null ? null : await FaultProxy.start(() => target.address(), random)
      return new LiveWorld(options, target, proxy, () => clearAway(dataDir, warden))
    } catch (error) {
      await target.stop()
      await clearAway(dataDir, warden)
      throw error
    }
  }

  /** Resolves when the target's process ends although neither the harness nor a fault ended it. */
  get died(): Promise<Exit> {
    return this.#target.died
  }

  /** Before this moment of the run, nothing can come any more that was not recorded yet. */
  get watermarkMs(): number {
    return this.#target.watermarkMs
  }

  /** New clients, with what the defect changes on their side. None of them has a connection yet. */
  openRound(round: number, clients: number): RoundClients {
    const { target, defect, recorder, random } = this.#options
    const over = new AbortController()
    // Every open call and subscription of every client listens.
    setMaxListeners(0, over.signal)
    const resources: RoundResources = {
      url: this.#clientUrl(),
      parts: partsWith(target.parts, defect, 'client'),
      entrance: this.#proxy,
      stdio: this.#target.stdio,
      faults: this.faults,
      recorder,
      recordedErrors: new WeakSet(),
      signal: over.signal,
    }
    const draws = random.fork(`round-${round}`)
    const contexts = Array.from(
      { length: clients },
      (_, index) => new RoundClientContext(index, draws.fork(index), resources),
    )
    const { recordedErrors, signal } = resources
    return { contexts, recordedErrors, signal, end: (reason) => this.#endRound(contexts, over, reason) }
  }

  /** Waits until a target that a fault killed is back. */
  restarted(): Promise<void> {
    return this.#target.restarted()
  }

  /** Counts what is open before anybody has connected. */
  async takeBaseline(): Promise<AuditEvent> {
    // The first count loads and compiles what later ones find ready, so that it would be one of another kind.
    await this.#target.census()
    const census = await this.#target.census()
    this.#known = { baseline: census.counts, highest: census.counts }
    return this.#audit(0, census)
  }

  /** Waits, for at most this long, until the target is at rest, and counts what is open. */
  async audit(round: number, timeoutMs: number, signal: AbortSignal): Promise<AuditEvent> {
    await untilAtRest(() => this.#target.glance(), this.#known, { timeoutMs, signal })
    const census = await this.#target.census()
    this.#known = withCounts(this.#known, census.counts)
    return this.#audit(round, census)
  }

  /** Stops the target and everything around it. Nothing is left, whatever the target does. */
  async stop(): Promise<void> {
    this.faults.healAll()
    try {
      await this.#target.stop()
      await this.#proxy?.close()
    } finally {
      await this.#clearAway()
    }
  }

  #audit(round: number, { counts, blind, items }: Census): AuditEvent {
    return { type: 'audit', timeMs: this.#options.recorder.timeMs(), round, counts, blind, items }
  }

  #clientUrl(): string | null {
    if (this.#proxy === null || this.#target.url === null) return null
    const { pathname } = new URL(this.#target.url)
    return `http://127.0.0.1:${this.#proxy.port}${pathname === '/' ? '' : pathname}`
  }

  #endRound(contexts: RoundClientContext[], over: AbortController, reason: Error): void {
    over.abort(reason)
    for (const context of contexts) context.close()
    this.#proxy?.closeLinks()
  }
}

/** The warden would remove the folder too, if nobody else could any more. */
async function clearAway(dataDir: string, warden: Warden): Promise<void> {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  await warden.release()
}
