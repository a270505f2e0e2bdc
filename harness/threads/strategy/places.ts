import type { Operation } from '../operation.ts'
import type { TraceHash } from './trace-hash.ts'

/** A state, as far as anybody can tell states apart, and what comes after it. */
export interface Place {
  /** The upper half of the hash of what led there. */
  readonly high: number
  /** Nothing new can come after it. */
  spent: boolean
  /** The threads that can go on from here. */
  readonly threads: readonly number[]
  /** What comes next when a thread goes on, by thread. */
  readonly next: (Place | undefined)[]
  /** Another place whose hash has the same lower half. */
  readonly other: Place | undefined
}

/** So many steps that places offer are remembered; a program that has more hardly ever repeats itself. */
const stepsMax = 200_000

/** The places that were reached, by the hash of what led there, as long as there is room for them. */
export class Places {
  /** By the lower half of the hash, since small whole numbers are found faster than others. */
  readonly #known = new Map<number, Place>()
  #room = stepsMax

  /** The place that a trace leads to; null when it is a new one and there is no room for it. */
  at(trace: TraceHash, able: readonly Operation[]): Place | null {
    const key = trace.low
    const first = this.#known.get(key)
    for (let place = first; place !== undefined; place = place.other) if (place.high === trace.high) return place
    if (this.#room <= 0) return null
    this.#room -= 1 + able.length
    const threads = able.map(({ thread }) => thread)
    const place = { high: trace.high, spent: false, threads, next: [], other: first }
    this.#known.set(key, place)
    return place
  }
}
