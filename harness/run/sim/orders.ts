import { Lane } from '../../sim/core/lane.ts'
import type { Simulation } from '../../sim/core/simulation.ts'

/**
 * What one process of the simulation is told to do. It begins each order when it gets round to it, in the sequence in
 * which they were given, as an event of its own: all that the order starts belongs to the process then.
 */
export class Orders {
  readonly #simulation: Simulation
  readonly #lane: Lane

  /** `name` tells the lives of a process apart that is started again. */
  constructor(simulation: Simulation, process: string, name = process) {
    this.#simulation = simulation
    this.#lane = new Lane(`script→${name}`, simulation.nodeNamed(process), 'poll')
  }

  /** Resolves as soon as the order is carried out. */
  give<T>(label: string, carryOut: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = () => void Promise.resolve().then(carryOut).then(resolve, reject)
      this.#simulation.push(this.#lane, { label, windowMs: this.#simulation.windowMs, run })
    })
  }
}
