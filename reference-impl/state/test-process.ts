import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resources, transitions } from 'raceproof/probe'

type Phase = 'starting' | 'running' | 'stopping' | 'stopped' | 'exited' | 'failed'

/** The declared life of a test's process. */
export const testTransitions: Readonly<Record<Phase, readonly Phase[]>> = {
  starting: ['running', 'stopping', 'failed'],
  running: ['stopping', 'exited'],
  stopping: ['stopped'],
  stopped: [],
  exited: [],
  failed: [],
}

/** What runs one execution of a test. */
export interface RunningTest {
  readonly execution: number
  /** Waits until it runs, and answers with the number of its process; rejects when it cannot be started. */
  started(): Promise<number>
  /** Resolves when it is gone, however it ended. */
  gone(): Promise<void>
  /** Ends it, and waits until it is gone: politely first, and by force after the grace. */
  end(graceMs: number): Promise<void>
}

/** The process of one execution of a test, from its spawn to its end. */
export class TestProcess implements RunningTest {
  readonly execution: number
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  #phase: Phase = 'starting'

  constructor(execution: number, [file = '', ...parameters]: readonly string[], environment: Record<string, string>) {
    this.execution = execution
    this.#child = spawn(file, parameters, { stdio: 'ignore', env: { ...process.env, ...environment } })
    this.#gone = once(this.#child, 'exit').then(
      () => this.#end(),
      () => this.#fail(),
    )
    this.#tell('open', null)
  }

  async started(): Promise<number> {
    if (this.#child.pid === undefined) await once(this.#child, 'spawn')
    if (this.#phase === 'starting') this.#enter('running')
    return this.#child.pid as number
  }

  gone(): Promise<void> {
    return this.#gone
  }

  async end(graceMs: number): Promise<void> {
    if (this.#phase === 'starting' || this.#phase === 'running') {
      this.#enter('stopping')
      this.#child.kill('SIGTERM')
    }
    const force = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    await this.#gone
    clearTimeout(force)
  }

  #end(): void {
    this.#enter(this.#phase === 'stopping' ? 'stopped' : 'exited')
    this.#tell('close')
  }

  #fail(): void {
    this.#enter('failed')
    this.#tell('close')
  }

  #enter(phase: Phase): void {
    const from = this.#phase
    this.#phase = phase
    const id = String(this.execution)
    if (transitions.hasSubscribers) transitions.publish({ machine: 'test', id, from, to: phase })
  }

  #tell(event: 'open' | 'close', from?: null): void {
    const id = String(this.execution)
    if (from === null && transitions.hasSubscribers) transitions.publish({ machine: 'test', id, from, to: this.#phase })
    if (resources.hasSubscribers) resources.publish({ event, resource: 'test-process', id })
  }
}
