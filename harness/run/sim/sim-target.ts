import { type Defect, partsWith } from '../../defect.ts'
import { HarnessError, messageOf } from '../../errors.ts'
import type { FaultableProcess } from '../../fault/fault.ts'
import type { ProbeEvent, TargetEvent } from '../../history/event.ts'
import type { Recorder } from '../../history/recorder.ts'
import { ResourceLedger } from '../../live/leak-probe/resource-ledger.ts'
import { SharedStdio } from '../../live/shared-stdio.ts'
import { delay, settlesWithin } from '../../live/waiting.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import { RestartableProcess } from '../../sim/fault/restartable-process.ts'
import type { Program } from '../../sim/process/program.ts'
import type { AnyTarget, RunningTarget, StdioLines } from '../../target.ts'
import { censusOf, excessOf, type SimCensus } from './census.ts'
import { Orders } from './orders.ts'
import { isClientNode, scriptNode, serverNode } from './processes.ts'
import { SimStdio } from './sim-stdio.ts'

/** What a target is started with. */
export interface SimTargetOptions {
  simulation: Simulation
  target: AnyTarget
  defect: Defect | null
  config: object
  recorder: Recorder
}

/** How long, in virtual time, a target may take to start and to stop. */
const startMs = 15_000
const stopMs = 10_000

/** And to come to rest: Node gives a request that never comes whole five minutes, and then half a minute to notice. */
const restMs = 340_000

/** One process of the target, from its start to its end. */
interface Life {
  /** What the record calls it. */
  readonly name: string
  readonly orders: Orders
  readonly pipe: SimStdio
  running: RunningTarget | null
}

/** The target of one schedule: a process of the simulation, from its start over restarts to its stop. */
export class SimTarget {
  readonly #options: SimTargetOptions
  readonly #resources = new ResourceLedger()
  readonly #lines = new SharedStdio()
  readonly #process: RestartableProcess
  #lives = 0
  #life: Life
  #restarted: Promise<void> = Promise.resolve()
  #baseline: SimCensus = { counts: {}, items: [] }
  /** Settles what {@link restarted} waits for. */
  #startedAgain: (done: Promise<void>) => void = () => {}

  private constructor(options: SimTargetOptions) {
    this.#options = options
    this.#life = this.#newLife()
    const startAgain = () => this.#startedAgain(this.#startAgain())
    this.#process = new RestartableProcess(options.simulation, serverNode, startAgain)
  }

  /** Starts the target. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  static async start(options: SimTargetOptions): Promise<SimTarget> {
    const { programs = {} } = options.target.sim ?? {}
    for (const [name, program] of Object.entries(programs)) {
      options.simulation.processes.register(name, program as Program)
    }
    const target = new SimTarget(options)
    await target.#start()
    return target
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
        this.#resources.drop(serverNode)
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

  /** Counts what is open before anybody has connected. */
  takeBaseline(): SimCensus {
    this.#baseline = this.#census()
    return this.#baseline
  }

  /** Waits until nothing is open that was not before the first client came, as long as that may take, and counts. */
  async atRest(): Promise<SimCensus> {
    let census = this.#census()
    let waitedMs = 0
    // Most of it is gone at once, and is not to be waited for longer than that.
    for (let waitMs = 1; waitedMs < restMs && excessOf(census, this.#baseline).length > 0; waitMs *= 2) {
      await delay(Math.min(waitMs, restMs - waitedMs))
      waitedMs += waitMs
      census = this.#census()
    }
    return census
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

  async #start(): Promise<void> {
    const { target, defect, config } = this.#options
    const { orders, pipe } = this.#life
    this.#tell({ event: 'spawned', detail: `process '${serverNode}' of the simulation` })
    const { parts = {}, config: worldConfig = {} } = target.sim ?? {}
    const starting = orders.give('start', async () => {
      const running = await target.start({
        parts: partsWith({ ...target.parts, ...parts }, defect, 'server'),
        config: { ...target.config, ...config, ...worldConfig },
        host: '127.0.0.1',
        port: 0,
        dataDir: '/data',
        get stdin() {
          return pipe.stdin
        },
        get stdout() {
          return pipe.stdout
        },
      })
      heedStop(running)
      return running
    })
    const inTime = await settlesWithin(starting, startMs)
    if (!inTime) throw notReady(target.name)
    this.#life.running = await starting.catch((error: unknown) => {
      throw refused(target.name, error)
    })
    this.#tell({ event: 'ready', detail: this.url ?? 'it speaks stdio only' })
  }

  #startAgain(): Promise<void> {
    this.#life = this.#newLife()
    return this.#start()
  }

  #awaitRestart(): void {
    this.#restarted = new Promise<void>((resolve) => {
      this.#startedAgain = resolve
    })
    // Who waits for the restart gets the error; until then it is nobody's.
    this.#restarted.catch(() => {})
  }

  #newLife(): Life {
    const { simulation } = this.#options
    const name = `${serverNode}-${++this.#lives}`
    return {
      name,
      orders: new Orders(simulation, serverNode, name),
      pipe: new SimStdio(simulation, serverNode, this.#lines),
      running: null,
    }
  }

  /** What is left after the stop; null when nothing is. What ends by itself soon after is not left behind. */
  async #leftBehind(): Promise<string | null> {
    const nothing = { counts: {}, items: [] }
    await delay(1)
    if (excessOf(this.#census(), nothing).length > 0) await delay(1000)
    const { items } = this.#census()
    return items.length === 0 ? null : `left open: ${items.join(', ')}`
  }

  #census(): SimCensus {
    const { simulation } = this.#options
    return censusOf(simulation, this.#resources, (node) => node !== scriptNode && !isClientNode(node))
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

function notReady(name: string): HarnessError {
  return new HarnessError(
    'ERR_TARGET_NOT_READY',
    `target '${name}' did not become ready within ${startMs} ms of virtual time: its start() has not returned`,
  )
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
