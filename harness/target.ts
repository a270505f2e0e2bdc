import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { inspect } from 'node:util'
import type { Defect, Parts } from './defect.ts'
import { HarnessError } from './errors.ts'
import type { Fault } from './fault/fault.ts'
import type { Subscribing, SubscriptionRecord } from './history/recorder.ts'
import { strayField } from './nearest.ts'
import type { Random } from './random.ts'

/** What is tested: how to start it, how to talk to it, and its defects. */
export interface Target<Client = unknown, P extends Parts = Parts, Config extends object = object> {
  readonly name: string
  /** What it is, in one sentence. */
  readonly about: string
  /** `import.meta.url` of the module that exports it as default or under its name, so that a host process can load it. */
  readonly module: string
  /** The component classes that defects may replace. */
  readonly parts: P
  /** The configuration that scenarios may change. */
  readonly config: Config
  /** Starts it inside a host process. */
  start(options: StartOptions<P, Config>): Promise<RunningTarget>
  /** Makes a client; runs in the harness. It must not connect before its first operation. */
  client(context: ClientContext<P>): Client
  readonly defects: readonly Defect[]
  /** What of it the simulated world cannot carry, and what stands there instead. */
  readonly sim?: SimStandIns<P, Config>
  /** The path that answers 200 once a target given by URL or command is ready. */
  readonly readyPath?: string
  /** A path that answers GET requests cheaply; the main job saturates it to measure the server's throughput. */
  readonly saturationPath?: string
}

/** A target whatever its client, parts and configuration are. */
// biome-ignore lint/suspicious/noExplicitAny: a target is contravariant in its parts, so no narrower type holds them all
export type AnyTarget = Target<any, any, any>

/**
 * What takes the place, in the simulated world, of what that cannot carry: worker threads, a database on a thread of its
 * own. A stand-in has the surface of the part that it replaces, and its work ends by events of the simulation.
 */
export interface SimStandIns<P extends Parts = Parts, Config extends object = object> {
  parts?: Partial<P>
  /** What differs in the configuration, scenarios' own changes included. */
  config?: Partial<Config>
  /**
   * What the commands do that the target starts, by the base name of the command: `emit` is also `node dist/emit.js`. Null:
   * there is no such command.
   */
  programs?: Readonly<Record<string, ((child: never) => void | Promise<void>) | null>>
}

/** What a target gets when it is started. */
export interface StartOptions<P extends Parts = Parts, Config extends object = object> {
  parts: P
  config: Config
  /** The address to listen at; port 0 means any free one. */
  host: string
  port: number
  /** A folder of its own for what it keeps on disk; it is removed after the run. */
  dataDir: string
  /** Its standard input and output, for targets that speak over them. */
  readonly stdin: Readable
  readonly stdout: Writable
}

/** A target that runs. */
export interface RunningTarget {
  /** Where it listens, such as `http://127.0.0.1:4711`; null when it speaks stdio only. */
  readonly url: string | null
  /**
   * Shuts it down gracefully: it drains, tells its subscribers, and leaves nothing open. Resolves when that is done, since
   * whoever waits for it may end the process then.
   */
  stop(): Promise<void>
}

/** What a client gets from its world. Nothing here tells which world it is. */
export interface ClientContext<P extends Parts = Parts> {
  /** `c0`, `c1`, … */
  readonly id: string
  readonly index: number
  /**
   * Where the client finds the target, with the links that faults hit in between; null when it speaks stdio only. In the
   * simulated world a target that was killed listens elsewhere afterwards: only {@link agent} and {@link connect} find it again.
   */
  readonly url: string | null
  /** The client-side parts, the defect applied. */
  readonly parts: P
  /** The client's own share of the run's randomness. */
  readonly random: Random
  /** A keep-alive agent whose connections faults can find. */
  readonly agent: Agent
  /** Opens a connection to the target that faults can find; for libraries that take a `createConnection`. */
  connect(): Socket
  /** The target's standard input and output; null when they are not a transport. All clients share the one pipe. */
  readonly stdio: StdioLines | null
  /** Ends when the harness gives up what is still open; operations must listen to it. */
  readonly signal: AbortSignal
  /**
   * Records one call. Throw {@link CallFailed} for a refusal that certainly had no effect; any other error leaves the
   * outcome unknown. `readOnly` calls have no effect, so that their errors are always certain.
   */
  call<T>(f: string, input: unknown, run: () => Promise<T>, options?: { readOnly?: boolean }): Promise<T>
  /** Records that the client subscribes to a stream. */
  subscribe(subscribing: Subscribing): SubscriptionRecord
  /** Applies a fault to the link of one of this client's connections, until it is healed or the phase ends. Returns what heals it. */
  fault(socket: Socket, fault: Fault): () => void
}

/**
 * Returns what a target's `start()` resolved with. Throws a TypeError when it is no {@link RunningTarget}: a target may come
 * from plain JavaScript, and what is missing would show only when the target is asked for it.
 */
export function expectRunning(running: RunningTarget): RunningTarget {
  const { url, stop } = (running ?? {}) as Partial<RunningTarget>
  if (typeof stop === 'function' && (url === null || (typeof url === 'string' && URL.canParse(url)))) return running
  throw new TypeError(
    `expected start() to resolve with { url, stop() }, where url is such as 'http://127.0.0.1:4711', or null for a target that speaks stdio only; got ${inspect(running, { depth: 0 })}`,
  )
}

/** Newline-delimited messages over the target's standard input and output. */
export interface StdioLines {
  send(line: string): void
  /** Calls back for every line; returns what ends it. */
  onLine(listener: (line: string) => void): () => void
}

/** What an author of a target must say; the rest has a value that is right without defects. */
export type TargetDefinition<Client, P extends Parts, Config extends object> = Pick<
  Target<Client, P, Config>,
  'name' | 'module' | 'start' | 'client'
> &
  Partial<Target<Client, P, Config>>

/** What a target may say. */
const fields: Record<keyof Target, true> = {
  name: true,
  about: true,
  module: true,
  parts: true,
  config: true,
  start: true,
  client: true,
  defects: true,
  sim: true,
  readyPath: true,
  saturationPath: true,
}

// The input is user code that may come from plain JavaScript, so the types prove nothing here.
function* problems(definition: Partial<Target>): Generator<string> {
  const { name, module, start, client } = definition ?? {}
  if (typeof name !== 'string' || name === '') yield `name must be a text such as 'likes', got ${inspect(name)}`
  if (typeof module !== 'string') yield `module must be import.meta.url of its file, got ${inspect(module)}`
  if (typeof start !== 'function') yield `start must be an async function, got ${typeof start}`
  if (typeof client !== 'function') yield `client must be a function that makes a client, got ${typeof client}`
  const stray = strayField(definition, fields)
  if (stray !== undefined) yield stray
}

/** Declares a target. Throws `ERR_SCENARIO_INVALID` when a field is missing, or is one that nobody reads. */
export function defineTarget<Client, P extends Parts = Record<never, never>, Config extends object = object>(
  definition: TargetDefinition<Client, P, Config>,
): Target<Client, P, Config> {
  for (const problem of problems(definition)) {
    throw new HarnessError('ERR_SCENARIO_INVALID', `target '${String(definition?.name)}': ${problem}`)
  }
  return { about: definition.name, parts: {} as P, config: {} as Config, defects: [], ...definition }
}
