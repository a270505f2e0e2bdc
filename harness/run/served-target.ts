import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { entry } from '../entry.ts'
import { HarnessError } from '../errors.ts'
import { loadable } from '../live/host-process.ts'
import type { Scenario } from '../scenario.ts'

/** How long a served target may take to listen, in milliseconds; a profiler makes the start slow. */
const readyTimeoutMs = 30_000

export interface ServeOptions {
  /** A command that starts the server as its child, such as a profiler. */
  under?: readonly string[]
  /** The working directory of the command. */
  cwd?: string
  /** Ends the process, whatever it is doing. */
  timeoutMs: number
}

/** A target that serves alone, outside of a run. */
export interface ServedTarget {
  readonly url: string
  /** Asks it to stop, and waits until it has ended. */
  stop(): Promise<void>
}

/** Starts a target alone. Throws `ERR_TARGET_START` when it does not say where it listens. */
export async function serveTarget(target: Scenario['target'], options: ServeOptions): Promise<ServedTarget> {
  const dataDir = await mkdtemp(join(tmpdir(), 'raceproof-'))
  const server = [process.execPath, entry('harness/live/serve'), loadable(target.module), target.name, dataDir]
  const [file, ...args] = [...(options.under ?? []), ...server] as [string, ...string[]]
  const child = execa(file, args, {
    cwd: options.cwd,
    timeout: options.timeoutMs,
    // Its standard input ends when this process does, and with it the server: nothing is left behind.
    stdin: 'pipe',
    reject: false,
    env: { NO_INSIGHT: '1' },
  })
  const ended = child.then(() => rm(dataDir, { recursive: true, force: true }))
  try {
    const url = await firstUrl(child.stdout!, child)
    return { url, stop: () => stop(child, ended) }
  } catch (thrown) {
    child.kill('SIGKILL')
    await ended
    throw new HarnessError(
      'ERR_TARGET_START',
      `target '${target.name}' could not be served by '${file}': ${(await child).stderr.slice(-2000)}`,
      { cause: thrown },
    )
  }
}

async function stop(child: ReturnType<typeof execa>, ended: Promise<void>): Promise<void> {
  child.stdin?.end()
  await ended
}

async function firstUrl(stdout: NodeJS.ReadableStream, exited: Promise<unknown>): Promise<string> {
  const lines = createInterface({ input: stdout })
  const line = once(lines, 'line', { signal: AbortSignal.timeout(readyTimeoutMs) })
  const [first] = (await Promise.race([line, exited.then(() => [undefined])])) as [string | undefined]
  if (first === undefined) throw new Error('it exited before it listened')
  return (JSON.parse(first) as { url: string }).url
}
