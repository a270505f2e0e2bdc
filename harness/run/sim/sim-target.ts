import { type Defect, partsWith } from '../../defect.ts'
import { HarnessError, messageOf } from '../../errors.ts'
import type { FaultableProcess } from '../../fault/fault.ts'
import type { ProbeEvent, TargetEvent } from '../../history/event.ts'
import type { Recorder } from '../../history/recorder.ts'
import { ResourceLedger } from '../../live/leak-probe/resource-ledger.ts'
import { SharedStdio } from '../../live/shared-stdio.ts'
import { delay, settlesWithin } from '../../live/waiting.ts'
import type { SimFinding } from '../../sim/core/finding.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import { RestartableProcess } from '../../sim/fault/restartable-process.ts'
import { type AnyTarget, expectRunning, type RunningTarget, type StdioLines } from '../../target.ts'
import { censusOf, excessOf, type SimCensus } from './census.ts'
import { Orders } from './orders.ts'
import { SimStdio } from './sim-stdio.ts'

/** What a process of the target is started with. */
export interface SimTargetOptions {
  simulation: Simulation
  target: AnyTarget
  defect: Defect | null
  config: object
  recorder: Recorder
  /** The name of its process in the simulation. */
  node: string
  /** Whether a process of the simulation is the target's own, or was started by it. */
  owns(node: string): boolean
}

/** The folder of the simulated disk that the target's processes keep their data in. */
export const dataDir = '/data'

/** How long, in virtual time, a target may take to start and to stop. */
const startMs = 15_000
const stopMs = 10_000

/** One life of the process, from its start to its end. */
interface Life {
  /** What the record calls it. */
  readonly name: string
  readonly orders: Orders
  readonly pipe: SimStdio
  running: RunningTarget | null
}

/** One process of the target in a schedule: a process of the simulation, from its start over restarts to its stop. */
export class SimTarget {
  readonly #options: SimTargetOptions
  readonly #resources = new ResourceLedger()
  readonly #lines = new SharedStdio()
  readonly #process: RestartableProcess
  #lives = 0
  #life: Life
  #restarted: Promise<void> = Promise.resolve()
  /** Settles what {@link restarted} waits for. */
  #startedAgain: (done: Promise<void>) => void = () => {}

  constructor(options: SimTargetOptions) {
    this.#options = options
    this.#life = this.#newLife()
    const startAgain = () => this.#startedAgain(this.#startAgain())
    this.#process = new RestartableProcess(options.simulation, options.node, startAgain)
  }

  /** Where it listens; null when it speaks stdio only. */
  get url(): string | null {
    return this.#life.running?.url ?? null
  }

  /** Its standard input and output, which all clients share. */
  get stdio(): StdioLines {
    return this.#lines
  }

  /** What faults may do to its process. */
  get faultable(): FaultableProcess {
    return {
      kill: (signal) => {
        this.#tell({ event: 'exited', detail: `killed by ${signal}`, expected: true })
        this.#resources.drop(this.#options.node)
        this.#process.kill(signal)
      },
      restart: () => {
        this.#awaitRestart()
        this.#process.restart()
      },
    }
  }

  /** Resolves when a restart that was asked for is done. Throws when the target does not come back. */
  restarted(): Promise<void> {
    return this.#restarted
  }

  /** Takes note of what the target has published. */
  note(event: ProbeEvent): void {
    this.#resources.note(event)
  }

  /** Counts what it has open, with the processes that it has started. */
  census(): SimCensus {
    const { simulation, owns } = this.#options
    return censusOf(simulation, this.#resources, owns)
  }

  /** Stops it, and records what it leaves behind. */
  async stop(): Promise<void> {
    this.#tell({ event: 'stopping', detail: 'the harness asked for it' })
    const { orders, running, pipe } = this.#life
    const stopped = orders.give('stop', () => running?.stop())
    const failure = stopped.then(
      () => null,
      (error: unknown) => `its stop() failed: ${messageOf(error)}`,
    )
    const inTime = await settlesWithin(stopped, stopMs)
    pipe.close()
    const problem = inTime
      ? ((await failure) ?? (await this.#leftBehind()))
      : `stop() had not returned after ${stopMs} ms`
    this.#tell({ event: 'exited', detail: problem ?? 'with code 0', expected: problem === null })
  }

  /** Starts it. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  async start(): Promise<void> {
    const { target, defect, config, node, simulation } = this.#options
    const { orders, pipe } = this.#life
    const known = simulation.findings.length
    this.#tell({ event: 'spawned', detail: `process '${node}' of the simulation` })
    const { parts = {}, config: worldConfig = {} } = target.sim ?? {}
    const starting = orders.give('start', async () => {
      const started = await target.start({
        parts: partsWith({ ...target.parts, ...parts }, defect, 'server'),
        config: { ...target.config, ...config, ...worldConfig },
        host: '127.0.0.1',
        port: 0,
        dataDir,
        get stdin() {
          return pipe.stdin
        },
        get stdout() {
          return pipe.stdout
        },
      })
      const running = expectRunning(started)
      heedStop(running)
      return running
    })
    const inTime = await settlesWithin(starting, startMs)
    const trouble = simulation.findings.slice(known).find((finding) => finding.node === node)
    if (!inTime) throw notReady(target.name, trouble)
    this.#life.running = await starting.catch((error: unknown) => {
      throw refused(target.name, error)
    })
    this.#tell({ event: 'ready', detail: this.url ?? 'it speaks stdio only' })
  }

  #startAgain(): Promise<void> {
    this.#life = this.#newLife()
    return this.start()
  }

  #awaitRestart(): void {
    this.#restarted = new Promise<void>((resolve) => {
      this.#startedAgain = resolve
    })
    // Who waits for the restart gets the error; until then it is nobody's.
    this.#restarted.catch(() => {})
  }

  #newLife(): Life {
    const { simulation, node } = this.#options
    const name = `${node}-${++this.#lives}`
    return {
      name,
      orders: new Orders(simulation, node, name),
      pipe: new SimStdio(simulation, node, this.#lines),
      running: null,
    }
  }

  /** What is left after the stop; null when nothing is. What ends by itself soon after is not left behind. */
  async #leftBehind(): Promise<string | null> {
    const nothing = { counts: {}, items: [] }
    await delay(1)
    if (excessOf(this.census(), nothing).length > 0) await delay(1000)
    const { items } = this.census()
    return items.length === 0 ? null : `left open: ${items.join(', ')}`
  }

  #tell(news: Pick<TargetEvent, 'event' | 'detail' | 'expected'>): void {
    const { recorder } = this.#options
    recorder.write({ type: 'target', timeMs: recorder.timeMs(), process: this.#life.name, ...news })
  }
}

/** What the host process does live: who sends SIGTERM asks for a graceful stop, after which nothing is left to do. */
function heedStop(running: RunningTarget): void {
  process.once('SIGTERM', () => void running.stop())
}

function refused(name: string, error: unknown): HarnessError {
  if (error instanceof HarnessError) return error
  return new HarnessError(
    'ERR_TARGET_START',
    `target '${name}' did not start in the simulated world: ${stackOf(error)}`,
    {
      cause: error,
    },
  )
}

/** A live process would have ended by an error that nobody caught, and so have told it. */
function notReady(name: string, trouble: SimFinding | undefined): HarnessError {
  if (trouble !== undefined) return refused(name, trouble.thrown instanceof Error ? trouble.thrown : trouble.message)
  return new HarnessError(
    'ERR_TARGET_NOT_READY',
    `target '${name}' did not become ready within ${startMs} ms of virtual time: its start() has not returned`,
  )
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
