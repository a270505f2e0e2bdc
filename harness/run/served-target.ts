import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { entry } from '../entry.ts'
import { HarnessError, messageOf } from '../errors.ts'
import { loadable } from '../live/host-process.ts'
import { killProcessesOf, runMark } from '../live/processes.ts'
import type { AnyTarget } from '../target.ts'

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
  /** Asks it to stop, and waits until it and all that it started have ended. */
  stop(): Promise<void>
}

type Server = ReturnType<typeof startServer>

/** Starts a target alone. Throws `ERR_TARGET_START` when it does not say where it listens. */
export async function serveTarget(target: AnyTarget, options: ServeOptions): Promise<ServedTarget> {
  const dataDir = await mkdtemp(join(tmpdir(), 'raceproof-'))
  const server = startServer(target, dataDir, options)
  const ended = server.finally(() => rm(dataDir, { recursive: true, force: true }))
  try {
    return { url: await announcedUrl(server), stop: () => stop(server, ended) }
  } catch (thrown) {
    server.kill('SIGKILL')
    const { stderr } = await ended
    throw new HarnessError(
      'ERR_TARGET_START',
      `target '${target.name}' could not be served alone: ${messageOf(thrown)}. ${String(stderr).slice(-2000)}`.trimEnd(),
      { cause: thrown },
    )
  }
}

function startServer(target: AnyTarget, dataDir: string, { under = [], cwd, timeoutMs }: ServeOptions) {
  const server = [process.execPath, entry('harness/live/serve'), loadable(target.module), target.name, dataDir]
  const [file, ...args] = [...under, ...server] as [string, ...string[]]
  const mark = randomUUID()
  const child = execa(file, args, {
    ...(cwd === undefined ? {} : { cwd }),
    timeout: timeoutMs,
    // A Ctrl-C at the terminal is for the harness, which then ends the server in order.
    detached: true,
    // Its standard input ends when this process does, whatever the reason, and with it the server.
    stdin: 'pipe',
    reject: false,
    env: { [runMark]: mark, NO_INSIGHT: '1' },
  })
  // A profiler that was killed leaves the server, which would hold the pipes open for ever.
  child.once('exit', () => void killProcessesOf({ mark, root: child.pid as number }))
  return child
}

async function stop(server: Server, ended: Promise<unknown>): Promise<void> {
  server.stdin.end()
  await ended
}

/** The URL that the server prints as a line of JSON; a profiler may have printed lines of its own before. */
async function announcedUrl(server: Server): Promise<string> {
  const lines = createInterface({ input: server.stdout, signal: AbortSignal.timeout(readyTimeoutMs) })
  for await (const line of lines) {
    const announced = /^\{"url":(.*)\}$/.exec(line)?.[1]
    if (announced === undefined) continue
    // What it prints from now on is read and dropped, so that it never waits for a reader.
    server.stdout.resume()
    const url = JSON.parse(announced) as string | null
    if (url !== null) return url
    throw new Error('it serves no HTTP')
  }
  throw new Error(`it ended, or ${readyTimeoutMs} ms passed, before it said where it listens`)
}
