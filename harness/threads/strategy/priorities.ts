import type { Random } from '../../random.ts'
import type { Operation } from '../operation.ts'

/** A random number for the next operation of each thread; the highest goes first. A number is good for one operation. */
export class Priorities {
  readonly #random: Random
  #drawn: (number | undefined)[] = []

  constructor(random: Random) {
    this.#random = random
  }

  clear(): void {
    this.#drawn = []
  }

  /** Forgets the number of a thread, so that its operation draws again. */
  redraw(thread: number): void {
    this.#drawn[thread] = undefined
  }

  highest(operations: readonly Operation[]): Operation {
    let best = operations[0] as Operation
    for (const operation of operations) if (this.#of(operation) > this.#of(best)) best = operation
    return best
  }

  #of({ thread }: Operation): number {
    this.#drawn[thread] ??= this.#random.real()
    return this.#drawn[thread]
  }
}
