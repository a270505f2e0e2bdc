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
import type { LiveTarget, LiveTargetOptions } from './live-target.ts'
import { LiveTargets } from './live-targets.ts'
import { processorWaitMs } from './processor-wait.ts'
import { FaultProxy } from './proxy/fault-proxy.ts'
import { StormFaults } from './storm-faults.ts'
import type { Exit } from './target-process.ts'
import { startWarden, type Warden } from './warden-process.ts'

export interface LiveWorldOptions extends Omit<LiveTargetOptions, 'mark' | 'name' | 'dataDir'> {
  /** How many processes of the target run over one data folder. */
  processes: number
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
 * A real target in a process of its own, or in several, a fault proxy in front of each, and real sockets between.
 *
 *     clients ── sockets ──▶ fault proxy ──▶ target ◀── debugger ── leak probe
 *                                              │ └── IPC ──▶ probe feed ──▶ recorder
 *     warden (outlives the harness) ── kills ──┘
 */
export class LiveWorld {
  readonly faults: StormFaults
  readonly #options: LiveWorldOptions
  readonly #targets: LiveTargets
  /** The way to each process; none to a target that speaks stdio only. */
  readonly #proxies: readonly FaultProxy[]
  readonly #clearAway: () => Promise<void>
  /** The counts that a target at rest need not fall below: those before the first round, and the highest since. */
  #known: KnownCounts = { baseline: {}, highest: {} }

  private constructor(
    options: LiveWorldOptions,
    targets: LiveTargets,
    proxies: readonly FaultProxy[],
    clear: () => Promise<void>,
  ) {
    this.#options = options
    this.#targets = targets
    this.#proxies = proxies
    this.#clearAway = clear
    const { recorder } = options
    const processes = targets.all.map(({ faultable }) => faultable).filter((faultable) => faultable !== null)
    this.faults = new StormFaults({ proxies, processes }, (event) =>
      recorder.write({ type: 'fault', timeMs: recorder.timeMs(), ...event }),
    )
  }

  /** Starts the target. Whatever fails, nothing is left of it. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  static async boot(options: LiveWorldOptions): Promise<LiveWorld> {
    const marks = Array.from({ length: options.processes }, () => randomUUID())
    const dataDir = await mkdtemp(join(tmpdir(), 'raceproof-'))
    const warden = startWarden({ marks, tempDir: dataDir })
    const targets = new LiveTargets(marks, { ...options, dataDir })
    try {
      await targets.launch()
      const proxies = await startProxies(targets.all, options.random)
      return new LiveWorld(options, targets, proxies, () => clearAway(dataDir, warden))
    } catch (error) {
      await targets.stop()
      await clearAway(dataDir, warden)
      throw error
    }
  }

  /** Resolves when a process of the target ends although neither the harness nor a fault ended it. */
  get died(): Promise<Exit> {
    return this.#targets.died
  }

  /** Before this moment of the run, nothing can come any more that was not recorded yet. */
  get watermarkMs(): number {
    return this.#targets.watermarkMs
  }

  /** New clients, with what the defect changes on their side. None of them has a connection yet. */
  openRound(round: number, clients: number): RoundClients {
    const over = new AbortController()
    // Every open call and subscription of every client listens.
    setMaxListeners(0, over.signal)
    const { signal } = over
    const { target, defect, random } = this.#options
    const recordedErrors = new WeakSet<object>()
    const shared = { signal, recordedErrors, parts: partsWith(target.parts, defect, 'client') }
    const ways = this.#targets.all.map((process, place) =>
      this.#resources(process, this.#proxies[place] ?? null, shared),
    )
    const draws = random.fork(`round-${round}`)
    const contexts = Array.from({ length: clients }, (_, index) => {
      const way = ways[index % ways.length] as RoundResources
      return new RoundClientContext(index, draws.fork(index), way)
    })
    return { contexts, recordedErrors, signal, end: (reason) => this.#endRound(contexts, over, reason) }
  }

  /** Waits until a target that a fault killed is back. */
  restarted(): Promise<void> {
    return this.#targets.restarted()
  }

  starvedMs(): number {
    const pids = [process.pid, ...this.#targets.pids]
    return pids.reduce((sum, pid) => sum + processorWaitMs(pid), 0)
  }

  /** Counts what is open before anybody has connected. */
  async takeBaseline(): Promise<AuditEvent> {
    // The first count loads and compiles what later ones find ready, so that it would be one of another kind.
    await this.#targets.census()
    const census = await this.#targets.census()
    this.#known = { baseline: census.counts, highest: census.counts }
    return this.#audit(0, census)
  }

  /** Waits, for at most this long, until the target is at rest, and counts what is open. */
  async audit(round: number, timeoutMs: number, signal: AbortSignal): Promise<AuditEvent> {
    await untilAtRest(() => this.#targets.glance(), this.#known, { timeoutMs, signal })
    const census = await this.#targets.census()
    this.#known = withCounts(this.#known, census.counts)
    return this.#audit(round, census)
  }

  /** Stops the target and everything around it. Nothing is left, whatever the target does. */
  async stop(): Promise<void> {
    this.faults.healAll()
    try {
      await this.#targets.stop()
      for (const proxy of this.#proxies) await proxy.close()
    } finally {
      await this.#clearAway()
    }
  }

  #audit(round: number, census: Census): AuditEvent {
    return { type: 'audit', timeMs: this.#options.recorder.timeMs(), round, ...census }
  }

  /** What the clients of one process of the target share. */
  #resources(
    { url, stdio }: LiveTarget,
    proxy: FaultProxy | null,
    round: Pick<RoundResources, 'signal' | 'recordedErrors' | 'parts'>,
  ): RoundResources {
    const { recorder } = this.#options
    return { ...round, url: urlThrough(proxy, url), entrance: proxy, stdio, faults: this.faults, recorder }
  }

  #endRound(contexts: RoundClientContext[], over: AbortController, reason: Error): void {
    over.abort(reason)
    for (const context of contexts) context.close()
    for (const proxy of this.#proxies) proxy.closeLinks()
  }
}

/** A proxy in front of each process that listens. Each draws from a share of its own, the first from that of a target with one. */
async function startProxies(targets: readonly LiveTarget[], random: Random): Promise<FaultProxy[]> {
  const proxies: FaultProxy[] = []
  for (const [place, target] of targets.entries()) {
    if (target.url === null) continue
    const draws = random.fork(place === 0 ? 'proxy' : `proxy-${place}`)
    proxies.push(await FaultProxy.start(() => target.address(), draws))
  }
  return proxies
}

/** Where clients find a process; null when it speaks stdio only. */
function urlThrough(proxy: FaultProxy | null, url: string | null): string | null {
  if (proxy === null || url === null) return null
  const { pathname } = new URL(url)
  return `http://127.0.0.1:${proxy.port}${pathname === '/' ? '' : pathname}`
}

/** The warden would remove the folder too, if nobody else could any more. */
async function clearAway(dataDir: string, warden: Warden): Promise<void> {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 3 })
  await warden.release()
}
