import type { Defect } from '../defect.ts'
import type { FaultableProcess } from '../fault/fault.ts'
import type { Recorder } from '../history/recorder.ts'
import type { AnyTarget, StdioLines } from '../target.ts'
import type { Launch, Launched } from './launch.ts'
import { launchTarget } from './launch-target.ts'
import { blindCensus, type Census, LeakProbe } from './leak-probe/leak-probe.ts'
import { ResourceLedger } from './leak-probe/resource-ledger.ts'
import { ProbeFeed } from './probe-feed.ts'
import type { Address } from './proxy/fault-proxy.ts'
import type { RunClock } from './run-clock.ts'
import { SharedStdio } from './shared-stdio.ts'
import type { Exit, ProcessNews, TargetProcess } from './target-process.ts'

export interface LiveTargetOptions {
  target: AnyTarget
  defect: Defect | null
  /** What the scenario changes in the target's configuration. */
  config: object
  launch: Launch
  /** `target`; where the target has several processes, which one it is: `target0`, `target1`, … */
  name: string
  /** The environment mark of this process and all that it starts. */
  mark: string
  dataDir: string
  clock: RunClock
  recorder: Recorder
  readyTimeoutMs: number
  graceMs: number
  signal: AbortSignal
}

const elsewhere = 'everything: the target was not started by this run, so that its process is not known'

/** One process of a run's target, from the launch over restarts to the stop, and what can be seen of it. */
export class LiveTarget {
  /** Resolves when a process ends although neither the harness nor a fault ended it. */
  readonly died: Promise<Exit>
  readonly #options: LiveTargetOptions
  readonly #stdio = new SharedStdio()
  readonly #ledger = new ResourceLedger()
  readonly #feed: ProbeFeed
  readonly #reportDeath: (exit: Exit) => void
  #started = 0
  #process: TargetProcess | null = null
  #launched: Launched | null = null
  #leakProbe: LeakProbe | null = null
  #restarted: Promise<void> = Promise.resolve()

  constructor(options: LiveTargetOptions) {
    this.#options = options
    let reportDeath: (exit: Exit) => void = () => {}
    this.died = new Promise((resolve) => {
      reportDeath = resolve
    })
    this.#reportDeath = reportDeath
    const pull = () => this.#launched?.pull() ?? Promise.resolve()
    this.#feed = new ProbeFeed(options.clock, pull, (event) => {
      this.#ledger.note(event)
      options.recorder.write(event)
    })
  }

  /** Starts it and waits until it is ready. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  async launch(): Promise<void> {
    await this.#launch()
    this.#feed.start()
  }

  /** Where it listens; null when it speaks stdio only. */
  get url(): string | null {
    return this.#launched?.url ?? null
  }

  /** Where it listens at present: elsewhere after a restart. Throws when it speaks stdio only. */
  address(): Address {
    const { hostname, port } = new URL(this.url as string)
    return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) }
  }

  /** Its standard input and output; null when it was not started by this run. */
  get stdio(): StdioLines | null {
    return this.#process && this.#stdio
  }

  /** Undefined when it was not started by this run. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** What faults may do to its process; null when there is none. */
  get faultable(): FaultableProcess | null {
    if (this.#process === null) return null
    return {
      kill: (signal) => this.#process?.kill(signal),
      restart: () => {
        const killed = this.#process
        // One restart after the other; a process that was killed while it was being replaced needs no other one.
        const before = this.#restarted.catch(() => {})
        this.#restarted = before.then(() => (this.#process === killed ? this.#restart() : undefined))
        // Who waits for the restart gets the error; until then it is nobody's.
        this.#restarted.catch(() => {})
      },
      pause: () => this.#process?.pause() ?? (() => {}),
    }
  }

  /** Resolves when a restart that was asked for is done. Throws when the target does not come back. */
  restarted(): Promise<void> {
    return this.#restarted
  }

  /** Before this moment of the run, nothing can come any more that was not recorded yet. */
  get watermarkMs(): number {
    return this.#feed.watermarkMs
  }

  /** Gets what it has published so far, and counts what can be counted without disturbing it. */
  async glance(): Promise<Census> {
    await this.#feed.pull()
    return this.#leakProbe?.glance() ?? blindCensus(elsewhere)
  }

  /** Counts everything that is open in it. */
  async census(): Promise<Census> {
    await this.#feed.pull()
    return this.#leakProbe?.census() ?? blindCensus(elsewhere)
  }

  /** Stops it; what it leaves behind is ended and recorded. */
  async stop(): Promise<void> {
    await this.#restarted.catch(() => {})
    await this.#feed.pull()
    this.#feed.close()
    this.#leakProbe?.detach()
    await this.#process?.stop(this.#options.graceMs, this.#options.launch.kind === 'command')
  }

  async #launch(): Promise<void> {
    const name = `${this.#options.name}-${++this.#started}`
    const isFirst = this.#launched === null
    const record = (news: ProcessNews) => this.#record(name, news, isFirst)
    this.#launched = await launchTarget(this.#options.launch, {
      ...this.#options,
      name,
      stdio: this.#stdio,
      record,
      onProbes: (batch) => this.#feed.receive(name, batch),
      onProcess: (process) => this.#adopt(process),
    })
    record({ event: 'ready', detail: this.#launched.url ?? 'it speaks stdio only' })
    const { subject } = this.#launched
    this.#leakProbe = subject && (await LeakProbe.attach(subject, this.#ledger))
  }

  /** A target that does not come up at first has not begun its run: that is told as an error, and is no finding. */
  #record(process: string, { expected, ...news }: ProcessNews, isFirst: boolean): void {
    const { recorder } = this.#options
    const wasReady = !isFirst || this.#launched !== null
    const told = wasReady && expected !== undefined ? { ...news, expected } : news
    recorder.write({ type: 'target', timeMs: recorder.timeMs(), process, ...told })
  }

  #adopt(process: TargetProcess): void {
    this.#process = process
    void process.exited.then((exit) => {
      this.#ledger.drop(process.name)
      if (exit.cause !== 'asked') this.#reportDeath(exit)
    })
  }

  async #restart(): Promise<void> {
    this.#leakProbe?.detach()
    await this.#process?.ended(this.#options.graceMs)
    await this.#launch()
  }
}
