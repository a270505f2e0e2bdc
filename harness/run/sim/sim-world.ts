import { setMaxListeners } from 'node:events'
import type { RoundResources } from '../../client/client-context.ts'
import { partsWith } from '../../defect.ts'
import type { AuditEvent } from '../../history/event.ts'
import type { Random } from '../../random.ts'
import type { SimNode } from '../../sim/core/node.ts'
import { clockOf } from '../../sim/fault/sim-clock.ts'
import { SimFaults } from '../../sim/fault/sim-faults.ts'
import type { RoundClients, World } from '../world.ts'
import type { SimCensus } from './census.ts'
import { isClientNode, serverNodes } from './processes.ts'
import { SimClientContext } from './sim-client-context.ts'
import type { SimTarget } from './sim-target.ts'
import { SimTargets, type SimTargetsOptions } from './sim-targets.ts'

export interface SimWorldOptions extends SimTargetsOptions {
  random: Random
}

/**
 * One schedule's world: the target, each client and the script are processes of the simulation.
 *
 *     main: script ── orders ──▶ c0, c1, … ── simulated links ──▶ server
 *
 * A target of several processes is `server0`, `server1`, …, and each client talks to one of them.
 */
export class SimWorld implements World {
  readonly faults: SimFaults
  readonly targets: SimTargets
  readonly #options: SimWorldOptions

  private constructor(options: SimWorldOptions, targets: SimTargets) {
    this.#options = options
    this.targets = targets
    const { simulation, recorder, processes } = options
    const clocks = serverNodes(processes).map((node) => clockOf(simulation, node))
    const hit = {
      processes: targets.all.map(({ faultable }, place) => ({ process: faultable, clock: clocks[place] ?? null })),
      files: simulation.files.faults,
      isClient: ({ name }: SimNode) => isClientNode(name),
    }
    this.faults = new SimFaults(simulation, hit, (event) =>
      recorder.write({ type: 'fault', timeMs: recorder.timeMs(), ...event }),
    )
  }

  /** Starts the target. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  static async boot(options: SimWorldOptions): Promise<SimWorld> {
    return new SimWorld(options, await SimTargets.start(options))
  }

  openRound(round: number, clients: number): RoundClients {
    const { simulation, random, target, defect } = this.#options
    const over = new AbortController()
    // Every open call and subscription of every client listens.
    setMaxListeners(0, over.signal)
    const { signal } = over
    const recordedErrors = new WeakSet<object>()
    const shared = { signal, recordedErrors, parts: partsWith(target.parts, defect, 'client') }
    const ways = this.targets.all.map((process) => this.#resources(process, shared))
    const draws = random.fork(`round-${round}`)
    const contexts = Array.from({ length: clients }, (_, index) => {
      const way = ways[index % ways.length] as RoundResources
      return new SimClientContext(simulation, index, draws.fork(index), way)
    })
    return { contexts, recordedErrors, signal, end: (reason) => endRound(contexts, over, reason) }
  }

  restarted(): Promise<void> {
    return this.targets.restarted()
  }

  /** Virtual time stands still for whoever waits for a processor. */
  starvedMs(): number {
    return 0
  }

  takeBaseline(): AuditEvent {
    return this.#audit(0, this.targets.takeBaseline())
  }

  async audit(round: number): Promise<AuditEvent> {
    return this.#audit(round, await this.targets.atRest())
  }

  async stop(): Promise<void> {
    this.faults.healAll()
    await this.targets.stop()
  }

  /** What the clients of one process of the target share. */
  #resources(server: SimTarget, round: Pick<RoundResources, 'signal' | 'recordedErrors' | 'parts'>): RoundResources {
    const { url, stdio } = server
    const entrance = url === null ? null : entranceOf(server)
    return { ...round, url, entrance, stdio, faults: this.faults, recorder: this.#options.recorder }
  }

  #audit(round: number, { counts, items }: SimCensus): AuditEvent {
    return { type: 'audit', timeMs: this.#options.recorder.timeMs(), round, counts, blind: [], items, exact: true }
  }
}

/** After a restart the process listens elsewhere, and clients find it all the same. */
function entranceOf(server: SimTarget): RoundResources['entrance'] {
  return {
    get port() {
      return Number(new URL(server.url as string).port)
    },
    // A connection's process tells whose it is.
    claim() {},
  }
}

function endRound(contexts: readonly SimClientContext[], over: AbortController, reason: Error): void {
  over.abort(reason)
  for (const context of contexts) context.close()
}
