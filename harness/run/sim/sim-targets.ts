import { mkdirSync } from 'node:fs'
import type { ProbeEvent } from '../../history/event.ts'
import { sumOfCounts } from '../../live/leak-probe/sum-of-counts.ts'
import { delay } from '../../live/waiting.ts'
import type { Program } from '../../sim/process/program.ts'
import { excessOf, type SimCensus } from './census.ts'
import { firstAncestorOf, isClientNode, scriptNode, serverNodes } from './processes.ts'
import { dataDir, SimTarget, type SimTargetOptions } from './sim-target.ts'

export interface SimTargetsOptions extends Omit<SimTargetOptions, 'node' | 'owns'> {
  /** How many processes of the target there are. */
  processes: number
}

/** How long, in virtual time, a target may take to come to rest: Node gives a request that never comes whole five minutes, and then half a minute to notice. */
const restMs = 340_000

/** The target of one schedule: one process, or several over the one simulated disk. */
export class SimTargets {
  readonly all: readonly SimTarget[]
  readonly #nodes: readonly string[]
  #baseline: SimCensus = { counts: {}, items: [] }

  private constructor({ processes, ...options }: SimTargetsOptions) {
    this.#nodes = serverNodes(processes)
    this.all = this.#nodes.map((node) => new SimTarget({ ...options, node, owns: ownedBy(node, options, processes) }))
  }

  /** Starts them one after the other. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  static async start(options: SimTargetsOptions): Promise<SimTargets> {
    const { programs = {} } = options.target.sim ?? {}
    for (const [name, program] of Object.entries(programs)) {
      options.simulation.processes.register(name, program as Program | null)
    }
    // As live, the folder is there; the disk is the simulated one.
    mkdirSync(dataDir, { recursive: true })
    const targets = new SimTargets(options)
    for (const target of targets.all) await target.start()
    return targets
  }

  /** Resolves when every restart that was asked for is done. Throws when a process does not come back. */
  async restarted(): Promise<void> {
    for (const target of this.all) await target.restarted()
  }

  /** Takes note of what a process has published. What one has started publishes on the first one's account. */
  note(event: ProbeEvent): void {
    const { process } = event
    const place = this.#nodes.findIndex((node) => process === node || process.startsWith(`${node}/`))
    this.all[Math.max(0, place)]?.note(event)
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

  /** Stops them one after the other, and records what each leaves behind. */
  async stop(): Promise<void> {
    for (const target of this.all) await target.stop()
  }

  #census(): SimCensus {
    const all = this.all.map((target) => target.census())
    return { counts: sumOfCounts(all.map(({ counts }) => counts)), items: all.flatMap(({ items }) => items) }
  }
}

/** What belongs to a process of the target: everything but the harness' own, where there is one; else what it has started. */
function ownedBy(node: string, { simulation }: Pick<SimTargetOptions, 'simulation'>, processes: number) {
  if (processes === 1) return (name: string) => name !== scriptNode && !isClientNode(name)
  return (name: string) => firstAncestorOf(simulation, name) === node
}
