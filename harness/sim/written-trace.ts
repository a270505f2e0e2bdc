import type { Trace } from './core/trace.ts'

/**
 * The trace of a schedule that is over, written down when somebody asks; most schedules are only known by their hash.
 *
 * It is a class, and no literal with getters, on account of memory: V8 makes a hidden class of its own for each literal whose
 * getters are new closures, and hidden classes are only collected with the old generation. Until then each one keeps all that
 * its getters can reach, here the whole simulation.
 */
export class WrittenTrace {
  readonly #trace: Trace | undefined

  constructor(trace: Trace | undefined) {
    this.#trace = trace
  }

  get trace(): readonly string[] {
    return this.#trace?.lines ?? []
  }

  get nodes(): readonly string[] {
    return this.#trace?.nodes ?? []
  }
}
