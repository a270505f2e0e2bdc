import { RoundClientContext, type RoundResources } from '../../client/client-context.ts'
import type { Random } from '../../random.ts'
import type { Simulation } from '../../sim/core/simulation.ts'
import { Orders } from './orders.ts'

/**
 * A client that is a process of its own. The script asks it for an operation, and it begins when it gets round to it: of
 * several clients that are asked at once, any may be the first.
 */
export class SimClientContext extends RoundClientContext {
  readonly #orders: Orders

  constructor(simulation: Simulation, index: number, random: Random, round: RoundResources) {
    super(index, random, round)
    this.#orders = new Orders(simulation, this.id)
  }

  override call<T>(f: string, input: unknown, run: () => Promise<T>, options?: { readOnly?: boolean }): Promise<T> {
    return this.#orders.give(f, () => super.call(f, input, run, options))
  }
}
