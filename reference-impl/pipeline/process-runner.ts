import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { resources } from 'raceproof/probe'
import { DrainClock } from './drain-clock.ts'
import type { OutputReader } from './output-reader.ts'
import type { OutputSource } from './stream-event.ts'

/** Takes one line of output; wait for the promise, if there is one, before the next. */
export type OnOutput = (source: OutputSource, line: string) => Promise<void> | undefined

/** A process that was started, at the head of a process group of its own. */
export interface Execution {
  readonly label: string
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<Exit>
}

interface Exit {
  exitCode: number | null
  signal: string | null
}

/** How a process ended; `drained` is false when its output did not end in time and was cut off. */
export interface Outcome extends Exit {
  drained: boolean
}

export interface ProcessRunnerOptions {
  drainTimeoutMs: number
  makeReader: (id: string) => OutputReader
}

/** Runs a command and reads its stdout and stderr to the end. */
export class ProcessRunner {
  readonly drainTimeoutMs: number
  readonly #makeReader: (id: string) => OutputReader

  constructor({ drainTimeoutMs, makeReader }: ProcessRunnerOptions) {
    this.drainTimeoutMs = drainTimeoutMs
    this.#makeReader = makeReader
  }

  /** Starts the command. Rejects when it cannot be started. */
  async start(label: string, [file, ...args]: readonly [string, ...string[]]): Promise<Execution> {
    const child = spawn(file, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = exitOf(child)
    // A command that cannot be started is told by the next line, and nobody else need hear of it.
    exited.catch(() => {})
    await once(child, 'spawn')
    const { pid, stdout, stderr } = child as ChildProcess & { pid: number; stdout: Readable; stderr: Readable }
    const id = String(pid)
    if (resources.hasSubscribers) resources.publish({ event: 'open', resource: 'process', id })
    child.once('exit', () => {
      if (resources.hasSubscribers) resources.publish({ event: 'close', resource: 'process', id })
    })
    return { label, pid, stdout, stderr, exited }
  }

  /** Passes on the output, and resolves when the process and its output have ended. Leaves nothing behind. */
  async follow(execution: Execution, onOutput: OnOutput): Promise<Outcome> {
    const clock = new DrainClock(this.drainTimeoutMs)
    const output = this.#readOutput(execution, (source, line) => {
      const room = onOutput(source, line)
      return room && clock.pauseFor(room)
    })
    try {
      // A reader that fails stops reading, and then the process may block for ever: that ends the wait as well.
      const exit = await Promise.race([execution.exited, output.then(() => execution.exited)])
      return { ...exit, drained: await this.drain(output, clock) }
    } finally {
      clock.stop()
      await this.cutOff(execution, output)
    }
  }

  /** Kills the process and all that it has started in its group. */
  kill({ pid }: Pick<Execution, 'pid'>): void {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  /**
   * Waits for the end of the output: it is the readers that know it, not the exit of the process, whose pipes may still
   * be full or be held by a process that it started. Resolves to false when the end does not come in time.
   */
  protected async drain(output: Promise<void>, clock: DrainClock): Promise<boolean> {
    return Promise.race([output.then(() => true), clock.runDown().then(() => false)])
  }

  /** Ends whatever is left of an execution: first who writes, then the pipes, then who reads. */
  protected async cutOff(execution: Execution, output: Promise<void>): Promise<void> {
    this.kill(execution)
    await execution.exited
    execution.stdout.destroy()
    execution.stderr.destroy()
    await output
  }

  async #readOutput({ label, stdout, stderr }: Execution, onOutput: OnOutput): Promise<void> {
    const read = (source: OutputSource, pipe: Readable) =>
      this.#makeReader(`${label}/${source}`).read(pipe, (line) => onOutput(source, line))
    const results = await Promise.allSettled([read('stdout', stdout), read('stderr', stderr)])
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return { exitCode, signal }
}
