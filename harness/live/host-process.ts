import { relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { entry, packageRoot } from '../entry.ts'
import { HarnessError } from '../errors.ts'
import type { HostReport, HostRequest, HostTask, PublishedProbe } from './host-message.ts'
import { type ProcessSpec, TargetProcess } from './target-process.ts'

type Ready = Extract<HostReport, { type: 'ready' }>

/** What the target published up to a moment, in milliseconds of hrtime. */
export interface ProbeBatch {
  stampMs: number
  probes: PublishedProbe[]
}

/** A target in a host process, with the IPC channel over which the host reports. */
export class HostProcess extends TargetProcess {
  readonly #onProbes: (batch: ProbeBatch) => void
  readonly #pulls = new Map<number, () => void>()
  readonly #ready: Promise<Ready>
  #pulled = 0

  constructor(
    spec: Omit<ProcessSpec, 'file' | 'args' | 'ipc' | 'env'>,
    task: HostTask,
    onProbes: (batch: ProbeBatch) => void,
  ) {
    const args = [entry('harness/live/host'), JSON.stringify({ ...task, module: loadable(task.module) })]
    super({ ...spec, file: process.execPath, args, env: {}, ipc: true })
    this.#onProbes = onProbes
    this.#ready = this.#awaitReady(task)
    // Whoever asks for it first gets the rejection; nobody asking for it is no crash of the harness.
    this.#ready.catch(() => {})
    void this.exited.then(() => this.#answerAll())
    this.child.on('message', (report: HostReport) => this.#receive(report))
  }

  /** Resolves when the target listens. Rejects with `ERR_TARGET_START` when it cannot be loaded or started, or exits. */
  ready(): Promise<Ready> {
    return this.#ready
  }

  /** Gets what the target has published so far; resolves when it was handed over, or the process has ended. */
  pull(): Promise<void> {
    if (this.exit !== null || !this.child.connected) return Promise.resolve()
    const pull = ++this.#pulled
    return new Promise((resolve) => {
      this.#pulls.set(pull, resolve)
      this.#request({ type: 'pull', pull })
    })
  }

  #request(request: HostRequest): void {
    // A channel that closes meanwhile is no error: the exit answers everything that is still asked.
    this.child.send(request, () => {})
  }

  #receive(report: HostReport): void {
    if (report.type === 'stopping' && report.why === 'SIGTERM') this.noteOutsideStop()
    if (report.type === 'lingering') this.noteLingering(report.resources)
    if (report.type !== 'probes') return
    this.#onProbes(report)
    this.#pulls.get(report.pull)?.()
    this.#pulls.delete(report.pull)
  }

  #answerAll(): void {
    for (const answer of this.#pulls.values()) answer()
    this.#pulls.clear()
  }

  #awaitReady({ target }: HostTask): Promise<Ready> {
    return new Promise((resolve, reject) => {
      let reason: string | null = null
      this.child.on('message', (report: HostReport) => {
        if (report.type === 'ready') resolve(report)
        else if (report.type === 'failed') reason = report.message
      })
      void this.exited.then(({ detail }) => {
        reject(
          new HarnessError(
            'ERR_TARGET_START',
            `target '${target}' did not start: ${reason ?? `its process ${detail}`}`,
          ),
        )
      })
    })
  }
}

/**
 * The module as a process without a loader can import it: TypeScript sources of this package are built into `dist/`.
 * Throws `ERR_TARGET_START` for other TypeScript, which must be bundled first.
 */
export function loadable(module: string): string {
  if (!/\.[cm]?ts$/.test(module)) return module
  const path = relative(packageRoot, fileURLToPath(module))
  if (path.startsWith('..') || path.split(sep).includes('node_modules')) {
    throw new HarnessError(
      'ERR_TARGET_START',
      `${module} is TypeScript, which a process cannot load; compile or bundle it to JavaScript first`,
    )
  }
  return pathToFileURL(entry(path.replace(/\.ts$/, ''))).href
}
