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
import { censusOf, excessOf, isCutOff, type SimCensus } from './census.ts'
import { Orders } from './orders.ts'
import { scriptNode } from './processes.ts'
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
  /** Whether its end was told; {@link over} resolves then, which {@link end} has it do. */
  isOver: boolean
  readonly over: Promise<void>
  readonly end: () => void
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
        // One that runs decides for itself how it ends when it is asked to.
        if (signal === 'SIGKILL' || this.#life.running === null) this.#exited(`killed by ${signal}`, true)
        this.#process.kill(signal)
      },
      restart: () => {
        this.#awaitRestart()
        void this.#life.over.then(() => this.#process.restart())
      },
      pause: () => this.#process.pause(),
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
    return censusOf(simulation, this.#resources, ({ node }) => owns(node))
  }

  /** Stops it, unless it has ended, and records what it leaves behind. */
  async stop(): Promise<void> {
    const { isOver, orders, running } = this.#life
    if (isOver) return
    const stopped = orders.give('stop', () => this.#censusAfter(running?.stop()))
    await this.#asHarness(() => this.#stopping('the harness asked for it', stopped))
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
      this.#heedStop(running)
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
    let end = () => {}
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    return {
      name,
      orders: new Orders(simulation, node, name),
      pipe: new SimStdio(simulation, node, this.#lines),
      running: null,
      isOver: false,
      over,
      end,
    }
  }

  /** What the host process does live: who sends SIGTERM asks for a graceful stop, after which nothing is left to do. */
  #heedStop(running: RunningTarget): void {
    let isAsked = false
    process.on('SIGTERM', () => {
      if (isAsked) return
      isAsked = true
      const stopped = this.#censusAfter(running.stop())
      void this.#asHarness(() => this.#stopping('SIGTERM', stopped))
    })
  }

  /** What would be cut off if the process ended in the very moment in which a stop says that it is done. */
  async #censusAfter(stopped: Promise<void> | undefined): Promise<SimCensus> {
    await stopped
    const { simulation, owns } = this.#options
    return censusOf(simulation, this.#resources, (held) => owns(held.node) && isCutOff(held))
  }

  /** Waits for a stop that was begun, as long as one may take, and tells how it went. */
  async #stopping(why: string, stopped: Promise<SimCensus>): Promise<void> {
    const life = this.#life
    this.#tell({ event: 'stopping', detail: why })
    const failure = stopped.then(
      () => null,
      (error: unknown) => `its stop() failed: ${messageOf(error)}`,
    )
    const inTime = await settlesWithin(stopped, stopMs)
    life.pipe.close()
    const problem = inTime
      ? ((await failure) ?? (await this.#leftBehind(await stopped)))
      : `stop() had not returned after ${stopMs} ms`
    // It may have been killed before it was done.
    if (!life.isOver) this.#exited(problem ?? 'with code 0', problem === null)
  }

  #exited(detail: string, expected: boolean): void {
    this.#tell({ event: 'exited', detail, expected })
    this.#resources.drop(this.#options.node)
    this.#life.isOver = true
    this.#life.end()
  }

  /** What is left for good, or was when the stop said that it was done; null when nothing is. */
  async #leftBehind(atTheEnd: SimCensus): Promise<string | null> {
    await this.#asHarness(() => delay(1))
    if (isAnyOpen(this.census())) await this.#asHarness(() => delay(1000))
    const { items } = this.census()
    if (items.length > 0) return `left open: ${items.join(', ')}`
    return isAnyOpen(atTheEnd) ? `stop() had returned before this was closed: ${atTheEnd.items.join(', ')}` : null
  }

  /** A timer of the harness is no timer of the process whose code happens to run. */
  #asHarness<T>(start: () => T): T {
    const { simulation } = this.#options
    return simulation.within(simulation.nodeNamed(scriptNode), start)
  }

  #tell(news: Pick<TargetEvent, 'event' | 'detail' | 'expected'>): void {
    const { recorder } = this.#options
    recorder.write({ type: 'target', timeMs: recorder.timeMs(), process: this.#life.name, ...news })
  }
}

function isAnyOpen(census: SimCensus): boolean {
  return excessOf(census, { counts: {}, items: [] }).length > 0
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
