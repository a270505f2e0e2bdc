/**
 * The process in which a target runs live. It loads the target's module, applies the defect, starts it, and speaks
 * with the harness over the IPC channel alone: standard input and output belong to the target.
 */
import inspector from 'node:inspector'
import { partsWith } from '../defect.ts'
import { messageOf } from '../errors.ts'
import { errors } from '../probe.ts'
import { expectRunning, type RunningTarget } from '../target.ts'
import type { HostReport, HostRequest, HostTask, PublishedProbe } from './host-message.ts'
import { defectOf, loadTarget } from './load-target.ts'
import { ProbeBuffer } from './probe-buffer.ts'
import { killProcessesOf, runMark } from './processes.ts'
import { hrtimeMs } from './run-clock.ts'

/** How long a target may stay alive after its `stop()` has returned, before the harness is told what keeps it alive. */
const lingerMs = 1000

/** Runs one target from its start to its stop, and answers the harness meanwhile. */
class TargetHost {
  readonly #task: HostTask
  readonly #probes = new ProbeBuffer()
  #running: RunningTarget | null = null
  #stopping: Promise<void> | null = null

  constructor(task: HostTask) {
    this.#task = task
  }

  async run(): Promise<void> {
    process.on('message', (request: HostRequest) => this.#answer(request))
    process.on('SIGTERM', () => this.#stop('SIGTERM'))
    process.on('uncaughtException', (error, origin) => void this.#crash(error, origin))
    process.on('disconnect', () => void abandon())
    if (this.#task.probes) this.#probes.listen()
    await this.#boot().catch((error: unknown) => this.#refuse(error))
  }

  async #boot(): Promise<void> {
    const target = await loadTarget(this.#task.module, this.#task.target)
    const started = await target.start({
      parts: partsWith(target.parts, defectOf(target, this.#task.defect), 'server'),
      config: { ...target.config, ...this.#task.config },
      host: '127.0.0.1',
      port: 0,
      dataDir: this.#task.dataDir,
      // Node opens the streams when they are first asked for, and most targets never ask.
      get stdin() {
        return process.stdin
      },
      get stdout() {
        return process.stdout
      },
    })
    this.#running = expectRunning(started)
    if (this.#stopping !== null) return this.#running.stop()
    inspector.open(0, '127.0.0.1')
    await report({ type: 'ready', url: this.#running.url, inspectorUrl: inspector.url() ?? null })
  }

  async #refuse(error: unknown): Promise<void> {
    await report({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    process.exit(1)
  }

  #answer(request: HostRequest): void {
    if (request.type === 'pull') void this.#reportProbes(request.pull)
    else this.#stop('the harness asked for it')
  }

  #stop(why: string): void {
    this.#stopping ??= this.#shutDown(why)
  }

  async #shutDown(why: string): Promise<void> {
    await report({ type: 'stopping', why })
    inspector.close()
    await this.#running?.stop()
    await this.#reportProbes(0)
    process.channel?.unref()
    // The process ends by itself if the target left nothing open, as it must in production; the timer does not keep it.
    setTimeout(() => void report({ type: 'lingering', resources: process.getActiveResourcesInfo() }), lingerMs).unref()
  }

  /** As Node does with an error that nobody catches: print it and exit 1. But first the record gets to know it. */
  async #crash(error: unknown, where: string): Promise<void> {
    console.error(error)
    errors.publish({ where, message: messageOf(error), stack: error instanceof Error ? error.stack : undefined })
    await this.#reportProbes(0)
    process.exit(1)
  }

  #reportProbes(pull: number): Promise<void> {
    const batch = { type: 'probes', pull, stampMs: hrtimeMs(), probes: this.#probes.take() } as const
    return report(batch).catch(() => report({ ...batch, probes: batch.probes.map(encodable) }))
  }
}

/** The probe as it is, or with its value as text when JSON cannot hold it (a bigint, a cycle). */
function encodable(probe: PublishedProbe): PublishedProbe {
  try {
    JSON.stringify(probe)
    return probe
  } catch (error) {
    return { ...probe, value: { unencodable: messageOf(error) } }
  }
}

/** The harness is gone. Nobody will ask for anything any more, and nothing of the run may be left. */
async function abandon(): Promise<void> {
  const mark = process.env[runMark]
  if (mark !== undefined) await killProcessesOf({ mark, root: process.pid }, [process.pid])
  process.exit(1)
}

/** Resolves when the message has been handed to the system, or at once when the harness is gone. */
function report(message: HostReport): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}

await new TargetHost(JSON.parse(process.argv[2] as string) as HostTask).run()
