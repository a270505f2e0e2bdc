import type { SimEvent } from './event.ts'
import type { Simulation } from './simulation.ts'

/** An immediate of the simulation, with the surface of Node's `Immediate`. */
export class VirtualImmediate {
  readonly #simulation: Simulation
  readonly #event: SimEvent

  constructor(simulation: Simulation, callback: (...args: unknown[]) => void, args: readonly unknown[]) {
    this.#simulation = simulation
    this.#event = simulation.push(simulation.node.immediates, {
      label: 'immediate',
      run: () => callback(...args),
    })
    simulation.openings.note(this.#event.resource)
  }

  ref(): this {
    this.#simulation.setRef(this.#event, true)
    return this
  }

  unref(): this {
    this.#simulation.setRef(this.#event, false)
    return this
  }

  hasRef(): boolean {
    return this.#event.ref && this.#event.waiting
  }

  clear(): void {
    this.#simulation.cancel(this.#event)
  }

  [Symbol.dispose](): void {
    this.clear()
  }
}
