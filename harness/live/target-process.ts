import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TargetEvent } from '../history/event.ts'
import { LineSplitter } from './line-splitter.ts'
import { killProcessesOf, type ProcessFamily, type ProcessInfo, runMark, signalProcess } from './processes.ts'
import type { SharedStdio } from './shared-stdio.ts'
import { settlesWithin } from './waiting.ts'

/** How a target's process ended. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
  /**
   * `asked`: the harness or a fault ended it. `itself`: it exited or crashed. `outside`: somebody else sent it a signal
   * that ends processes, which says nothing about the target.
   */
  cause: 'asked' | 'itself' | 'outside'
  /** In words, with the last lines of its standard error. */
  detail: string
}

/** What happens to a process, for the record. */
export type ProcessNews = Omit<TargetEvent, 'type' | 'timeMs' | 'process'>

/** How to start a process of the target. */
export interface ProcessSpec {
  /** `target-1`, and `target-2` after a restart. */
  name: string
  mark: string
  file: string
  args: string[]
  /** Added to the harness's own environment. */
  env: Record<string, string>
  ipc: boolean
  stdio: SharedStdio
  record(news: ProcessNews): void
}

const lastStderrLines = 20
const recordedStderrLines = 200
/** Signals that people and supervisors send; a crash sends others. */
const outsideSignals: readonly string[] = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']
/** The debugger announces itself on standard error; that is not the target's output. */
const debuggerOutput =
  /^(Debugger (listening on|attached|ending on)|For help, see: https:\/\/nodejs\.org|Waiting for the debugger)/

/**
 * A process of the target, leader of a process group and session of its own, so that a Ctrl-C at the terminal reaches
 * the harness alone and a kill of the group reaches all that belongs to it.
 */
export class TargetProcess {
  readonly name: string
  /** Resolves when it has ended and its last output was read. */
  readonly exited: Promise<Exit>
  protected readonly child: ChildProcess
  readonly #spec: ProcessSpec
  readonly #stderr: string[] = []
  #stderrLines = 0
  #exit: Exit | null = null
  #expected = false
  #outsideStop = false
  #lingering: readonly string[] = []

  constructor(spec: ProcessSpec) {
    this.#spec = spec
    this.name = spec.name
    this.child = spawn(spec.file, spec.args, {
      detached: true,
      env: { ...process.env, ...spec.env, [runMark]: spec.mark },
      stdio: ['pipe', 'pipe', 'pipe', ...(spec.ipc ? (['ipc'] as const) : [])],
    })
    this.#readOutput()
    this.exited = this.#awaitExit()
    spec.record({ event: 'spawned', detail: `process ${this.child.pid ?? '(none)'}: ${this.#command()}` })
  }

  /** Undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.child.pid
  }

  /** How it ended; null while it runs. */
  get exit(): Exit | null {
    return this.#exit
  }

  get family(): ProcessFamily {
    return { mark: this.#spec.mark, root: this.pid ?? -1 }
  }

  /** The last lines of its standard error, as one text. */
  lastStderr(): string {
    return this.#stderr.join('\n')
  }

  /** Sends a signal that is meant to end it, so that its exit is no surprise. */
  kill(signal: NodeJS.Signals): void {
    this.#expected = true
    this.#signal(signal)
  }

  /** Lets it stand still. Returns what lets it go on. */
  pause(): () => void {
    this.#signal('SIGSTOP')
    return () => this.#signal('SIGCONT')
  }

  /**
   * Ends it: SIGTERM, and SIGKILL to everything that is left after `graceMs`. A late exit, an exit code other than 0
   * and processes left behind are recorded.
   */
  async stop(graceMs: number, toGroup: boolean): Promise<void> {
    if (this.#exit === null) await this.#stopRunning(graceMs, toGroup)
    const left = await killProcessesOf(this.family)
    if (left.length > 0 && this.#exit?.cause === 'asked')
      this.#recordFault(`left behind: ${left.map(describe).join(', ')}`)
  }

  /** Waits for an exit that a fault has asked for, and ends what is left then, as a supervisor ends a container. */
  async ended(graceMs: number): Promise<void> {
    await settlesWithin(this.exited, graceMs)
    await killProcessesOf(this.family)
    await this.exited
  }

  /** Notes the resources that still keep it alive after it was asked to stop. */
  protected noteLingering(resources: readonly string[]): void {
    this.#lingering = resources
  }

  /** Notes that it stops because of a signal that the harness did not send. */
  protected noteOutsideStop(): void {
    if (!this.#expected) this.#outsideStop = true
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.pid !== undefined && this.#exit === null) signalProcess(this.pid, signal)
  }

  async #stopRunning(graceMs: number, toGroup: boolean): Promise<void> {
    const pid = this.pid as number
    this.#expected = true
    this.#spec.record({ event: 'stopping', detail: `SIGTERM, ${graceMs} ms to exit` })
    this.child.stdin?.end()
    signalProcess(toGroup ? -pid : pid, 'SIGTERM')
    if (await settlesWithin(this.exited, graceMs)) return
    const keptBy = this.#lingering.length === 0 ? '' : `; it was kept alive by ${counted(this.#lingering)}`
    this.#recordFault(`did not exit within ${graceMs} ms of SIGTERM and was killed${keptBy}`)
    await killProcessesOf(this.family)
    await this.exited
  }

  #recordFault(detail: string): void {
    this.#spec.record({ event: 'exited', detail, expected: false })
  }

  #readOutput(): void {
    const { stdio } = this.#spec
    const { stdin, stdout, stderr } = this.child
    // A target that does not read its standard input, or is gone, is no error of the harness.
    stdin?.on('error', () => {})
    stdio.attach((text) => void stdin?.write(text))
    const out = new LineSplitter((line) => stdio.receive(line))
    stdout?.on('data', (bytes) => out.push(bytes)).on('end', () => out.end())
    const err = new LineSplitter((line) => this.#keepStderr(line))
    stderr?.on('data', (bytes) => err.push(bytes)).on('end', () => err.end())
  }

  #keepStderr(line: string): void {
    if (debuggerOutput.test(line)) return
    this.#stderr.push(line)
    if (this.#stderr.length > lastStderrLines) this.#stderr.shift()
    if (++this.#stderrLines <= recordedStderrLines) this.#spec.record({ event: 'output', detail: line })
  }

  async #awaitExit(): Promise<Exit> {
    const [code, signal, problem] = await exitOf(this.child)
    // Its last words may still be in the pipes; a grandchild that holds them open must not hold up the harness.
    await settlesWithin(drained(this.child), 500)
    this.#exit = this.#explain(code, signal, problem)
    const { cause, detail } = this.#exit
    const expected = cause === 'asked' && (code === null || code === 0 || this.#shellTellsSignal(code))
    this.#spec.record({ event: 'exited', detail, ...(cause === 'outside' ? {} : { expected }) })
    return this.#exit
  }

  #explain(code: number | null, signal: NodeJS.Signals | null, problem: string | null): Exit {
    const how = problem ?? (signal === null ? `exited with code ${code}` : `was ended by ${signal}`)
    const words = this.#stderr.length === 0 ? '' : `; its last output: ${this.lastStderr()}`
    return { code, signal, cause: this.#causeOf(code, signal), detail: how + words }
  }

  #causeOf(code: number | null, signal: NodeJS.Signals | null): Exit['cause'] {
    if (this.#expected) return 'asked'
    const bySignal = this.#shellTellsSignal(code) || (signal !== null && outsideSignals.includes(signal))
    return this.#outsideStop || bySignal ? 'outside' : 'itself'
  }

  /** A shell tells a signal that ended its command as an exit code: 128 and the signal's number. */
  #shellTellsSignal(code: number | null): boolean {
    return !this.#spec.ipc && code !== null && [129, 130, 131, 137, 143].includes(code)
  }

  #command(): string {
    return [this.#spec.file, ...this.#spec.args].join(' ')
  }
}

/** `process 4711 node emit.js`, for lists of what was left. */
export function describe({ pid, command }: Pick<ProcessInfo, 'pid' | 'command'>): string {
  return `process ${pid} ${command.length > 120 ? `${command.slice(0, 120)}…` : command}`.trimEnd()
}

/** `Timeout ×3, PipeWrap`. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].map(([name, count]) => (count === 1 ? name : `${name} ×${count}`)).join(', ')
}

/** Resolves when the process has ended or could not be started at all (then with the reason). */
function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null, string | null]> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal, null]))
    child.once('error', (error) => {
      if (child.pid === undefined) resolve([null, null, `could not be started: ${error.message}`])
    })
  })
}

/** Resolves when nothing more can come from a process that has ended. */
async function drained(child: ChildProcess): Promise<void> {
  const closed = child.stdout?.closed && child.stderr?.closed ? null : once(child, 'close')
  const disconnected = child.connected ? once(child, 'disconnect') : null
  await Promise.all([closed, disconnected])
}
