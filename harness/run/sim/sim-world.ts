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
import { isClientNode, serverNode } from './processes.ts'
import { SimClientContext } from './sim-client-context.ts'
import { SimTarget, type SimTargetOptions } from './sim-target.ts'

export interface SimWorldOptions extends SimTargetOptions {
  random: Random
}

/**
 * One schedule's world: the target, each client and the script are processes of the simulation.
 *
 *     main: script ── orders ──▶ c0, c1, … ── simulated links ──▶ server
 */
export class SimWorld implements World {
  readonly faults: SimFaults
  readonly target: SimTarget
  readonly #options: SimWorldOptions

  private constructor(options: SimWorldOptions, target: SimTarget) {
    this.#options = options
    this.target = target
    const { simulation, recorder } = options
    const targets = {
      process: target.faultable,
      clock: clockOf(simulation, serverNode),
      files: simulation.files.faults,
      isClient: ({ name }: SimNode) => isClientNode(name),
    }
    this.faults = new SimFaults(simulation, targets, (event) =>
      recorder.write({ type: 'fault', timeMs: recorder.timeMs(), ...event }),
    )
  }

  /** Starts the target. Throws `ERR_TARGET_START` and `ERR_TARGET_NOT_READY`. */
  static async boot(options: SimWorldOptions): Promise<SimWorld> {
    return new SimWorld(options, await SimTarget.start(options))
  }

  openRound(round: number, clients: number): RoundClients {
    const { simulation, random } = this.#options
    const over = new AbortController()
    // Every open call and subscription of every client listens.
    setMaxListeners(0, over.signal)
    const resources = this.#resources(over.signal)
    const draws = random.fork(`round-${round}`)
    const contexts = Array.from(
      { length: clients },
      (_, index) => new SimClientContext(simulation, index, draws.fork(index), resources),
    )
    const { recordedErrors, signal } = resources
    return { contexts, recordedErrors, signal, end: (reason) => endRound(contexts, over, reason) }
  }

  restarted(): Promise<void> {
    return this.target.restarted()
  }

  takeBaseline(): AuditEvent {
    return this.#audit(0, this.target.takeBaseline())
  }

  async audit(round: number): Promise<AuditEvent> {
    return this.#audit(round, await this.target.atRest())
  }

  async stop(): Promise<void> {
    this.faults.healAll()
    await this.target.stop()
  }

  #resources(signal: AbortSignal): RoundResources {
    const { target, defect, recorder } = this.#options
    const { url, stdio } = this.target
    return {
      url,
      parts: partsWith(target.parts, defect, 'client'),
      entrance: url === null ? null : this.#entrance(),
      stdio,
      faults: this.faults,
      recorder,
      recordedErrors: new WeakSet(),
      signal,
    }
  }

  /** After a restart the target listens elsewhere, and clients find it all the same. */
  #entrance(): RoundResources['entrance'] {
    const { target } = this
    return {
      get port() {
        return Number(new URL(target.url as string).port)
      },
      // A connection's process tells whose it is.
      claim() {},
    }
  }

  #audit(round: number, { counts, items }: SimCensus): AuditEvent {
    return { type: 'audit', timeMs: this.#options.recorder.timeMs(), round, counts, blind: [], items, exact: true }
  }
}

function endRound(contexts: readonly SimClientContext[], over: AbortController, reason: Error): void {
  over.abort(reason)
  for (const context of contexts) context.close()
}
